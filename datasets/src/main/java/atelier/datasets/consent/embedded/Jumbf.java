package atelier.datasets.consent.embedded;

import atelier.common.error.MalformedException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The content boxes of a JUMBF structure, each with the label of the superbox around it.
 *
 * <p>Source: ISO 19566-5:2023. A superbox {@code jumb} holds a description box {@code jumd} (16 bytes of type, one of
 * toggles, then a label that ends in zero if toggle bit 1 is set) and content boxes.
 */
final class Jumbf {
    private static final int MAX_DEPTH = 32;
    private static final int MAX_BOXES = 100_000;

    private final byte[] bytes;
    private final List<Content> contents = new ArrayList<>();
    private int boxes;

    /**
     * A content box.
     *
     * @param label the superbox's label, empty if it has none
     * @param type four characters, such as {@code cbor}
     * @param data the box's bytes after its header
     */
    @SuppressWarnings("ArrayRecordComponent") // read, never compared
    record Content(String label, String type, byte[] data) {}

    private Jumbf(byte[] bytes) {
        this.bytes = bytes;
    }

    /** @throws MalformedException when a box claims more bytes than there are */
    static List<Content> contents(byte[] bytes) {
        Jumbf jumbf = new Jumbf(bytes);
        jumbf.walk(0, bytes.length, "", 0);
        return jumbf.contents;
    }

    private void walk(int from, int to, String around, int depth) {
        if (depth > MAX_DEPTH) {
            throw new MalformedException("JUMBF boxes are nested deeper than " + MAX_DEPTH);
        }
        String label = around;
        int at = from;
        while (at < to) {
            if (++boxes > MAX_BOXES) {
                throw new MalformedException("there are more than " + MAX_BOXES + " JUMBF boxes");
            }
            if (to - at < 8) {
                throw new MalformedException("a JUMBF box is cut short");
            }
            long length = Blocks.int32(bytes, at) & 0xFFFFFFFFL;
            String type = new String(bytes, at + 4, 4, StandardCharsets.ISO_8859_1);
            int data = at + 8;
            if (length == 1 && to - at >= 16) {
                length = (long) Blocks.int32(bytes, at + 8) << 32 | (Blocks.int32(bytes, at + 12) & 0xFFFFFFFFL);
                data = at + 16;
            } else if (length == 0) {
                length = (long) to - at;
            }
            if (length < data - at || length > to - at) {
                throw new MalformedException("a JUMBF box claims more bytes than there are");
            }
            int end = (int) (at + length);
            switch (type) {
                case "jumb" -> walk(data, end, "", depth + 1);
                case "jumd" -> label = label(data, end);
                default -> contents.add(new Content(label, type, Arrays.copyOfRange(bytes, data, end)));
            }
            at = end;
        }
    }

    private String label(int from, int to) {
        if (to - from < 17) {
            throw new MalformedException("a JUMBF description is too short");
        }
        if ((bytes[from + 16] & 2) == 0) {
            return "";
        }
        for (int i = from + 17; i < to; i++) {
            if (bytes[i] == 0) {
                return new String(bytes, from + 17, i - from - 17, StandardCharsets.UTF_8);
            }
        }
        throw new MalformedException("a JUMBF label does not end");
    }
}
