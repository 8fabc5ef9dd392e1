package atelier.datasets.consent.embedded;

import atelier.common.error.MalformedException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Metadata of a PNG file: XMP in an iTXt chunk, the "Raw profile type" texts that ImageMagick writes, and the caBX chunk
 * of C2PA. Chunks that hold metadata are checked against their CRC.
 */
final class PngBlocks {
    private static final String XMP = "XML:com.adobe.xmp";
    private static final String RAW = "Raw profile type ";

    private final byte[] file;
    private final List<Block> blocks = new ArrayList<>();

    PngBlocks(byte[] file) {
        this.file = file;
    }

    List<Block> read() {
        int at = 8;
        while (true) {
            int length = Blocks.int32(file, at);
            if (length < 0 || length > file.length - at - 12) {
                throw new MalformedException("a PNG chunk claims more bytes than there are");
            }
            String type = new String(file, at + 4, 4, StandardCharsets.ISO_8859_1);
            int from = at + 8;
            int to = from + length;
            switch (type) {
                case "IEND" -> {
                    return blocks;
                }
                case "iTXt", "tEXt", "zTXt" -> text(type, from, to);
                case "caBX" -> {
                    checkCrc(from, to);
                    blocks.add(new Block(Block.Kind.JUMBF, Arrays.copyOfRange(file, from, to)));
                }
                default -> {}
            }
            at = to + 4;
        }
    }

    private void text(String type, int from, int to) {
        int end = zero(from, to);
        String keyword = new String(file, from, end - from, StandardCharsets.ISO_8859_1);
        if (!keyword.equals(XMP) && !keyword.startsWith(RAW)) {
            return;
        }
        checkCrc(from, to);
        byte[] text = switch (type) {
            case "tEXt" -> Arrays.copyOfRange(file, end + 1, to);
            case "zTXt" -> Blocks.inflate(file, end + 2, to);
            default -> international(end + 1, to);
        };
        if (keyword.equals(XMP)) {
            blocks.add(new Block(Block.Kind.XMP, text));
            return;
        }
        String profile = keyword.substring(RAW.length());
        byte[] raw = isMetadata(profile) ? hex(text) : null;
        if (raw == null) {
            return;
        }
        if (profile.equals("xmp")) {
            blocks.add(new Block(Block.Kind.XMP, raw));
        } else if (profile.equals("APP1")) {
            String marker = "http://ns.adobe.com/xap/1.0/\0";
            if (Blocks.starts(raw, 0, marker)) {
                blocks.add(new Block(Block.Kind.XMP, Arrays.copyOfRange(raw, marker.length(), raw.length)));
            }
        } else if (Blocks.starts(raw, 0, "8BIM")) {
            blocks.addAll(Blocks.photoshop(raw));
        } else {
            blocks.add(new Block(Block.Kind.IPTC, raw));
        }
    }

    private static boolean isMetadata(String profile) {
        return profile.equals("xmp") || profile.equals("APP1") || profile.equals("iptc") || profile.equals("8bim");
    }

    /** iTXt after the keyword: compressed or not, method, language, translated keyword, text. */
    private byte[] international(int from, int to) {
        boolean packed = file[from] != 0;
        int text = zero(zero(from + 2, to) + 1, to) + 1;
        return packed ? Blocks.inflate(file, text, to) : Arrays.copyOfRange(file, text, to);
    }

    /** ImageMagick's form: a name, a length, then hexadecimal digits over many lines. */
    private static byte @Nullable [] hex(byte[] text) {
        String[] words = new String(text, StandardCharsets.ISO_8859_1).strip().split("\\s+", 3);
        if (words.length < 3) {
            throw new MalformedException("a raw profile in a PNG text is not written as expected");
        }
        String digits = words[2].replaceAll("\\s+", "");
        byte[] bytes = new byte[digits.length() / 2];
        for (int i = 0; i < bytes.length; i++) {
            int high = Character.digit(digits.charAt(2 * i), 16);
            int low = Character.digit(digits.charAt(2 * i + 1), 16);
            if (high < 0 || low < 0) {
                throw new MalformedException("a raw profile in a PNG text holds other signs than digits");
            }
            bytes[i] = (byte) (high << 4 | low);
        }
        return bytes;
    }

    private void checkCrc(int from, int to) {
        CRC32 crc = new CRC32();
        crc.update(file, from - 4, to - from + 4);
        if ((int) crc.getValue() != Blocks.int32(file, to)) {
            throw new MalformedException("a PNG chunk with metadata is damaged: its CRC differs");
        }
    }

    private int zero(int from, int to) {
        for (int i = from; i < to; i++) {
            if (file[i] == 0) {
                return i;
            }
        }
        throw new MalformedException("a PNG text chunk is not written as expected");
    }
}
