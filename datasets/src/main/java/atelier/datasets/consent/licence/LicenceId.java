package atelier.datasets.consent.licence;

import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Licence identifiers of the SPDX list, and what people write for those of Creative Commons: their addresses
 * ({@code https://creativecommons.org/licenses/by-sa/4.0/}) and short forms ({@code CC BY-SA 4.0}, {@code CC0}).
 */
final class LicenceId {
    private static final Pattern ADDRESS = Pattern.compile(
            "creativecommons\\.org/(?:licenses/([a-z-]+)/(\\d+\\.\\d+)|publicdomain/(zero|mark)/(\\d+\\.\\d+))",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern SHORT = Pattern.compile(
            "cc[ _-]*(by(?:[ _-]*(?:nc|nd|sa))*)[ _-]*v?(\\d+\\.\\d+)?([ _-]*[a-z]{2,4})?", Pattern.CASE_INSENSITIVE);
    private static final Pattern ZERO =
            Pattern.compile("cc[ _-]*(?:0|zero)(?:[ _-]*v?1\\.0)?", Pattern.CASE_INSENSITIVE);
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.:+-]*");

    private LicenceId() {}

    /** The identifier that an address within the text stands for, or null when there is none. */
    static @Nullable String inAddress(String text) {
        Matcher address = ADDRESS.matcher(text);
        if (!address.find()) {
            return null;
        }
        if (address.group(1) != null) {
            return "CC-" + address.group(1).toUpperCase(Locale.ROOT) + "-" + address.group(2);
        }
        return (address.group(3).equalsIgnoreCase("zero") ? "CC0-" : "CC-PDM-") + address.group(4);
    }

    /**
     * The identifier that a whole text stands for: an address, a short form, or the identifier itself. Null when it is
     * none of these.
     */
    static @Nullable String of(String text) {
        String trimmed = text.strip();
        String address = inAddress(trimmed);
        if (address != null && trimmed.indexOf(' ') < 0) {
            return address;
        }
        if (ZERO.matcher(trimmed).matches()) {
            return "CC0-1.0";
        }
        Matcher form = SHORT.matcher(trimmed);
        if (form.matches()) {
            String parts = form.group(1).toUpperCase(Locale.ROOT).replaceAll("[ _-]+", "-");
            String version = form.group(2) == null ? "" : "-" + form.group(2);
            String ported = form.group(3) == null
                    ? ""
                    : "-" + form.group(3).replaceAll("[ _-]", "").toUpperCase(Locale.ROOT);
            return "CC-" + parts + version + ported;
        }
        return PLAIN.matcher(trimmed).matches() ? trimmed : null;
    }

    /** Whether the licence forbids commercial use. */
    static boolean nonCommercial(String id) {
        return hasPart(id, "NC") || id.toLowerCase(Locale.ROOT).contains("noncommercial");
    }

    /** Whether the licence forbids derivatives. */
    static boolean noDerivatives(String id) {
        return hasPart(id, "ND") || id.toLowerCase(Locale.ROOT).contains("noderiv");
    }

    /** Whether the identifier fits a pattern in which {@code *} stands for anything; letter case does not matter. */
    static boolean fits(String id, String pattern) {
        String regex = Arrays.stream(pattern.split("\\*", -1))
                .map(Pattern::quote)
                .reduce((a, b) -> a + ".*" + b)
                .orElse("");
        return Pattern.compile(regex, Pattern.CASE_INSENSITIVE).matcher(id).matches();
    }

    private static boolean hasPart(String id, String part) {
        return Arrays.asList(id.toUpperCase(Locale.ROOT).split("-", -1)).contains(part);
    }
}
