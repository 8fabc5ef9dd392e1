package atelier.datasets.consent.embedded;

import atelier.common.error.MalformedException;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Metadata of a GIF file: the application extensions "XMP DataXMP" and "C2PA_GIF". */
final class GifBlocks {
    private GifBlocks() {}

    static List<Block> read(byte[] file) {
        List<Block> blocks = new ArrayList<>();
        int at = 13 + table(file[10]);
        while (true) {
            int kind = file[at] & 255;
            if (kind == 0x3B) {
                return blocks;
            } else if (kind == 0x2C) {
                at = skip(file, at + 10 + table(file[at + 9]) + 1);
            } else if (kind != 0x21) {
                throw new MalformedException("a GIF block begins with an unknown byte");
            } else if ((file[at + 1] & 255) == 0xFF && Blocks.starts(file, at + 3, "XMP DataXMP")) {
                int from = at + 14;
                int end = trailer(file, from);
                blocks.add(new Block(Block.Kind.XMP, Arrays.copyOfRange(file, from, end)));
                at = skip(file, from); // the trailer makes the packet look like data blocks
            } else if ((file[at + 1] & 255) == 0xFF && Blocks.starts(file, at + 3, "C2PA_GIF")) {
                blocks.add(new Block(Block.Kind.JUMBF, join(file, at + 14)));
                at = skip(file, at + 14);
            } else {
                at = skip(file, at + 2);
            }
        }
    }

    private static int table(byte flags) {
        return (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
    }

    private static int skip(byte[] file, int from) {
        int at = from;
        while (file[at] != 0) {
            at += 1 + (file[at] & 255);
        }
        return at + 1;
    }

    private static byte[] join(byte[] file, int from) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int at = from;
        while (file[at] != 0) {
            int length = file[at] & 255;
            if (length > file.length - at - 1) {
                throw new MalformedException("a GIF block claims more bytes than there are");
            }
            out.write(file, at + 1, length);
            at += 1 + length;
        }
        return out.toByteArray();
    }

    /** Where the 258 bytes begin that end an XMP packet: 1, then 255 down to 0, then 0. */
    private static int trailer(byte[] file, int from) {
        for (int at = from; at + 258 <= file.length; at++) {
            if (file[at] == 1 && (file[at + 1] & 255) == 0xFF && (file[at + 2] & 255) == 0xFE) {
                return at;
            }
        }
        throw new MalformedException("an XMP packet in the GIF file does not end");
    }
}
