package atelier.datasets.consent.embedded;

import atelier.common.error.MalformedException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Metadata of a WebP file: the RIFF chunks "XMP " and "C2PA". */
final class WebpBlocks {
    private WebpBlocks() {}

    static List<Block> read(byte[] file) {
        List<Block> blocks = new ArrayList<>();
        long end = 8L + length(file, 4);
        if (end > file.length) {
            throw new MalformedException("the WebP file is cut short");
        }
        int at = 12;
        while (at + 8 <= end) {
            long length = length(file, at + 4);
            if (at + 8 + length > end) {
                throw new MalformedException("a WebP chunk claims more bytes than there are");
            }
            int to = (int) (at + 8 + length);
            if (Blocks.starts(file, at, "XMP ") || Blocks.starts(file, at, "XMP\0")) {
                blocks.add(new Block(Block.Kind.XMP, Arrays.copyOfRange(file, at + 8, to)));
            } else if (Blocks.starts(file, at, "C2PA")) {
                blocks.add(new Block(Block.Kind.JUMBF, Arrays.copyOfRange(file, at + 8, to)));
            }
            at = to + (int) (length & 1);
        }
        return blocks;
    }

    private static long length(byte[] file, int at) {
        return Integer.reverseBytes(Blocks.int32(file, at)) & 0xFFFFFFFFL;
    }
}
