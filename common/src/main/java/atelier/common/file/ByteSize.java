package atelier.common.file;

import atelier.common.error.WrongCommandException;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes as people write it.
 *
 * @param bytes at least 1
 */
public record ByteSize(long bytes) {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,12}(?:\\.\\d{1,6})?)\\s*([kKmMgGtT]?)(i?)[bB]?");
    private static final String UNITS = "KMGT";

    public ByteSize {
        if (bytes < 1) {
            throw new WrongCommandException("a size must be at least 1 byte, got " + bytes);
        }
    }

    /** Reads {@code 10GB} (powers of 1000), {@code 500MiB} (powers of 1024) or a plain number of bytes. */
    public static ByteSize parse(String text) {
        Matcher parts = TEXT.matcher(text.strip());
        if (!parts.matches()) {
            throw new WrongCommandException(
                    "a size is a number with its unit, such as 10GB or 500MiB, got '" + text + "'");
        }
        int power = parts.group(2).isEmpty() ? 0 : UNITS.indexOf(parts.group(2).toUpperCase(Locale.ROOT)) + 1;
        BigDecimal unit =
                BigDecimal.valueOf(parts.group(3).isEmpty() ? 1000 : 1024).pow(power);
        return new ByteSize(new BigDecimal(parts.group(1)).multiply(unit).longValue());
    }
}
