package atelier.datasets.consent.embedded;

import atelier.common.error.MalformedException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Finds the metadata in an image file by its format: JPEG, PNG, WebP, TIFF and GIF. BMP files hold none.
 *
 * <p>Sources: XMP Specification Part 3 (Adobe, 2020); ISO 19566-5 (JUMBF); C2PA 2.1, appendix A (embedding).
 */
final class Blocks {
    private static final int MAX_INFLATED = 16 << 20;

    private Blocks() {}

    /**
     * All metadata of the file.
     *
     * @throws MalformedException when the file breaks its format's frame, so that some might be missed
     */
    static List<Block> of(byte[] file) {
        try {
            if (starts(file, 0, "\u00ff\u00d8\u00ff")) {
                return new JpegBlocks(file).read();
            } else if (starts(file, 0, "\u0089PNG\r\n\u001a\n")) {
                return new PngBlocks(file).read();
            } else if (starts(file, 0, "RIFF") && starts(file, 8, "WEBP")) {
                return WebpBlocks.read(file);
            } else if (starts(file, 0, "II*\0")
                    || starts(file, 0, "MM\0*")
                    || starts(file, 0, "II+\0")
                    || starts(file, 0, "MM\0+")) {
                return new TiffBlocks(file).read();
            } else if (starts(file, 0, "GIF8")) {
                return GifBlocks.read(file);
            }
            return List.of();
        } catch (IndexOutOfBoundsException | java.nio.BufferUnderflowException | NegativeArraySizeException e) {
            throw new MalformedException("the file is cut short, or its parts claim wrong lengths", e);
        }
    }

    /** Whether the bytes are an image of a format that is known, by their first bytes. */
    static boolean known(byte[] file) {
        return starts(file, 0, "\u00ff\u00d8\u00ff")
                || starts(file, 0, "\u0089PNG\r\n\u001a\n")
                || (starts(file, 0, "RIFF") && starts(file, 8, "WEBP"))
                || starts(file, 0, "II*\0")
                || starts(file, 0, "MM\0*")
                || starts(file, 0, "II+\0")
                || starts(file, 0, "MM\0+")
                || starts(file, 0, "GIF8")
                || starts(file, 0, "BM");
    }

    /** Whether {@code text}, as Latin-1, stands at {@code at}. */
    static boolean starts(byte[] bytes, int at, String text) {
        byte[] wanted = text.getBytes(StandardCharsets.ISO_8859_1);
        return at >= 0
                && at + wanted.length <= bytes.length
                && Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length);
    }

    static int int16(byte[] b, int at) {
        return (b[at] & 255) << 8 | (b[at + 1] & 255);
    }

    static int int32(byte[] b, int at) {
        return int16(b, at) << 16 | int16(b, at + 2);
    }

    /** The XMP packet and IPTC data among Photoshop's image resources (8BIM). */
    static List<Block> photoshop(byte[] resources) {
        List<Block> blocks = new ArrayList<>();
        int at = 0;
        while (at + 12 <= resources.length) {
            if (!starts(resources, at, "8BIM")) {
                throw new MalformedException("a Photoshop resource does not begin with 8BIM");
            }
            int id = int16(resources, at + 4);
            int name = resources[at + 6] & 255;
            int data = at + 6 + ((name + 2) & ~1);
            int length = int32(resources, data);
            if (length < 0 || length > resources.length - data - 4) {
                throw new MalformedException("a Photoshop resource claims " + length + " bytes, more than there are");
            }
            byte[] bytes = Arrays.copyOfRange(resources, data + 4, data + 4 + length);
            if (id == 0x0404) {
                blocks.add(new Block(Block.Kind.IPTC, bytes));
            } else if (id == 0x0424) {
                blocks.add(new Block(Block.Kind.XMP, bytes));
            }
            at = data + 4 + length + (length & 1);
        }
        return blocks;
    }

    /** Unpacks zlib data, up to 16 MiB. */
    static byte[] inflate(byte[] packed, int from, int to) {
        Inflater inflater = new Inflater();
        try {
            inflater.setInput(packed, from, to - from);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            byte[] chunk = new byte[8192];
            while (!inflater.finished()) {
                int n = inflater.inflate(chunk);
                if (n == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
                    throw new MalformedException("packed metadata is cut short");
                }
                out.write(chunk, 0, n);
                if (out.size() > MAX_INFLATED) {
                    throw new MalformedException("packed metadata unpacks to more than " + MAX_INFLATED + " bytes");
                }
            }
            return out.toByteArray();
        } catch (DataFormatException e) {
            throw new MalformedException("packed metadata cannot be unpacked", e);
        } finally {
            inflater.end();
        }
    }
}
