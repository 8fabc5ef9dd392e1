package atelier.datasets.consent.embedded;

import atelier.common.error.MalformedException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Metadata of a JPEG file, from the segments before its first scan: APP1 (XMP, also in parts of 64 KiB), APP11 (JUMBF,
 * in parts) and APP13 (Photoshop's resources with IPTC).
 */
final class JpegBlocks {
    private static final String XMP = "http://ns.adobe.com/xap/1.0/\0";
    private static final String EXTENDED = "http://ns.adobe.com/xmp/extension/\0";
    private static final String PHOTOSHOP = "Photoshop 3.0\0";
    private static final int MAX_EXTENDED = 64 << 20;

    private final byte[] file;
    private final List<Block> blocks = new ArrayList<>();
    private final Map<String, Extended> extended = new TreeMap<>();
    private final Map<Integer, Map<Integer, byte[]>> boxes = new TreeMap<>();
    private final ByteArrayOutputStream resources = new ByteArrayOutputStream();

    JpegBlocks(byte[] file) {
        this.file = file;
    }

    List<Block> read() {
        int at = 2;
        while (true) {
            while ((file[at] & 255) != 0xFF || (file[at + 1] & 255) == 0xFF || file[at + 1] == 0) {
                at++; // fill bytes, or the stray ones that some cameras leave, which viewers pass over
            }
            int marker = file[at + 1] & 255;
            if (marker == 0xDA || marker == 0xD9) {
                break;
            }
            if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD7)) {
                at += 2;
                continue;
            }
            int length = Blocks.int16(file, at + 2);
            int end = at + 2 + length;
            if (length < 2 || end > file.length) {
                throw new MalformedException("a JPEG segment claims " + length + " bytes, more than there are");
            }
            segment(marker, at + 4, end);
            at = end;
        }
        finish();
        return blocks;
    }

    private void segment(int marker, int from, int to) {
        if (marker == 0xE1 && Blocks.starts(file, from, XMP)) {
            blocks.add(new Block(Block.Kind.XMP, Arrays.copyOfRange(file, from + XMP.length(), to)));
        } else if (marker == 0xE1 && Blocks.starts(file, from, EXTENDED)) {
            extension(from + EXTENDED.length(), to);
        } else if (marker == 0xEB && Blocks.starts(file, from, "JP")) {
            int box = Blocks.int16(file, from + 2);
            int part = Blocks.int32(file, from + 4);
            if (to - from < 16
                    || boxes.computeIfAbsent(box, b -> new TreeMap<>())
                                    .put(part, Arrays.copyOfRange(file, from + 8, to))
                            != null) {
                throw new MalformedException("a JUMBF segment is too short, or comes twice");
            }
        } else if (marker == 0xED && Blocks.starts(file, from, PHOTOSHOP)) {
            resources.write(file, from + PHOTOSHOP.length(), to - from - PHOTOSHOP.length());
        }
    }

    private void extension(int from, int to) {
        String guid = new String(file, from, 32, StandardCharsets.ISO_8859_1);
        int length = Blocks.int32(file, from + 32);
        int offset = Blocks.int32(file, from + 36);
        int count = to - from - 40;
        if (length < 0
                || length > MAX_EXTENDED
                || length > file.length
                || offset < 0
                || count < 0
                || offset > length - count) {
            throw new MalformedException("an extended XMP segment claims impossible lengths");
        }
        Extended packet = extended.computeIfAbsent(guid, g -> new Extended(new byte[length]));
        if (packet.bytes.length != length) {
            throw new MalformedException("extended XMP segments disagree about their length");
        }
        System.arraycopy(file, from + 40, packet.bytes, offset, count);
        packet.received += count;
    }

    private void finish() {
        for (Extended packet : extended.values()) {
            if (packet.received < packet.bytes.length) {
                throw new MalformedException("extended XMP is incomplete");
            }
            blocks.add(new Block(Block.Kind.XMP, packet.bytes));
        }
        for (Map<Integer, byte[]> parts : boxes.values()) {
            blocks.add(new Block(Block.Kind.JUMBF, join(parts)));
        }
        if (resources.size() > 0) {
            blocks.addAll(Blocks.photoshop(resources.toByteArray()));
        }
    }

    /** Every part repeats the box's header, 8 bytes or 16 with a long length; it counts once. */
    private static byte[] join(Map<Integer, byte[]> parts) {
        ByteArrayOutputStream box = new ByteArrayOutputStream();
        int expected = 1;
        for (Map.Entry<Integer, byte[]> part : parts.entrySet()) {
            if (part.getKey() != expected++) {
                throw new MalformedException("JUMBF segment " + (expected - 1) + " is missing");
            }
            byte[] bytes = part.getValue();
            int header = box.size() == 0 ? 0 : Blocks.int32(bytes, 0) == 1 ? 16 : 8;
            if (header > bytes.length) {
                throw new MalformedException("a JUMBF segment is too short");
            }
            box.write(bytes, header, bytes.length - header);
        }
        return box.toByteArray();
    }

    private static final class Extended {
        private final byte[] bytes;
        private long received;

        Extended(byte[] bytes) {
            this.bytes = bytes;
        }
    }
}
