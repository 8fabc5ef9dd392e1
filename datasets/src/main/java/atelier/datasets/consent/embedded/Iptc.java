package atelier.datasets.consent.embedded;

import atelier.common.error.MalformedException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The By-lines (2:80) of IPTC-IIM data sets. Text is read as UTF-8 where it is UTF-8, as Latin-1 otherwise.
 *
 * <p>Source: IPTC-NAA Information Interchange Model, version 4.2.
 */
final class Iptc {
    private static final int MARKER = 0x1C;

    private Iptc() {}

    /** @throws MalformedException when the data sets do not follow each other as they must */
    static List<String> byLines(byte[] data) {
        List<String> names = new ArrayList<>();
        int at = 0;
        while (at < data.length && data[at] != 0) { // writers pad with zeros
            if (data[at] != MARKER || at + 5 > data.length) {
                throw new MalformedException("an IPTC data set does not begin with its marker");
            }
            int record = data[at + 1] & 255;
            int number = data[at + 2] & 255;
            int length = Blocks.int16(data, at + 3);
            at += 5;
            if ((length & 0x8000) != 0) {
                int digits = length & 0x7FFF;
                if (digits > 4 || at + digits > data.length) {
                    throw new MalformedException("an IPTC data set has an impossible length");
                }
                length = 0;
                for (int i = 0; i < digits; i++) {
                    length = length << 8 | (data[at++] & 255);
                }
            }
            if (length < 0 || length > data.length - at) {
                throw new MalformedException("an IPTC data set claims more bytes than there are");
            }
            if (record == 2 && number == 80) {
                names.add(text(Arrays.copyOfRange(data, at, at + length)));
            }
            at += length;
        }
        return names;
    }

    private static String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }
}
