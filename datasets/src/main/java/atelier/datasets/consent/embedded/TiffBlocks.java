package atelier.datasets.consent.embedded;

import atelier.common.error.MalformedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Metadata of a TIFF file, classic or big: in every directory the tags 700 (XMP), 33723 (IPTC), 34377 (Photoshop's
 * resources) and 52545 (C2PA).
 */
final class TiffBlocks {
    private static final int[] BYTES_OF_TYPE = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};
    private static final int MAX_DIRECTORIES = 4096;

    private final byte[] file;
    private final ByteBuffer in;
    private final boolean big;
    private final List<Block> blocks = new ArrayList<>();

    TiffBlocks(byte[] file) {
        this.file = file;
        this.in = ByteBuffer.wrap(file).order(file[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        this.big = in.getShort(2) == 43;
    }

    List<Block> read() {
        Set<Long> seen = new HashSet<>();
        long next = big ? in.getLong(8) : in.getInt(4) & 0xFFFFFFFFL;
        while (next != 0) {
            if (!seen.add(next) || seen.size() > MAX_DIRECTORIES) {
                throw new MalformedException("the directories of the TIFF file go round in a circle");
            }
            next = directory(index(next));
        }
        return blocks;
    }

    private long directory(int at) {
        long count = big ? in.getLong(at) : in.getShort(at) & 0xFFFF;
        int entry = at + (big ? 8 : 2);
        int size = big ? 20 : 12;
        if (count < 0 || count > (file.length - entry) / size) {
            throw new MalformedException("a directory of the TIFF file claims more entries than there are");
        }
        for (long i = 0; i < count; i++, entry += size) {
            tag(entry);
        }
        return big ? in.getLong(entry) : in.getInt(entry) & 0xFFFFFFFFL;
    }

    private void tag(int entry) {
        int tag = in.getShort(entry) & 0xFFFF;
        if (tag != 700 && tag != 33723 && tag != 34377 && tag != 52545) {
            return;
        }
        int type = in.getShort(entry + 2) & 0xFFFF;
        int width = type < BYTES_OF_TYPE.length ? BYTES_OF_TYPE[type] : 0;
        long count = big ? in.getLong(entry + 4) : in.getInt(entry + 4) & 0xFFFFFFFFL;
        if (width == 0 || count < 0 || count > file.length) {
            throw new MalformedException("tag " + tag + " of the TIFF file has an impossible type or length");
        }
        long length = width * count;
        int value = entry + (big ? 12 : 8);
        int from = length <= (big ? 8 : 4) ? value : index(big ? in.getLong(value) : in.getInt(value) & 0xFFFFFFFFL);
        if (length > file.length - from) {
            throw new MalformedException("tag " + tag + " of the TIFF file lies beyond its end");
        }
        byte[] bytes = Arrays.copyOfRange(file, from, (int) (from + length));
        switch (tag) {
            case 700 -> blocks.add(new Block(Block.Kind.XMP, bytes));
            case 33723 -> blocks.add(new Block(Block.Kind.IPTC, bytes));
            case 52545 -> blocks.add(new Block(Block.Kind.JUMBF, bytes));
            default -> blocks.addAll(Blocks.photoshop(bytes));
        }
    }

    private int index(long offset) {
        if (offset < 0 || offset >= file.length) {
            throw new MalformedException("the TIFF file points beyond its end");
        }
        return (int) offset;
    }
}
