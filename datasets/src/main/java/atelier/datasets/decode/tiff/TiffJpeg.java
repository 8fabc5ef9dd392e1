package atelier.datasets.decode.tiff;

import atelier.common.image.PictureReaders;
import atelier.datasets.decode.header.BadImageException;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jspecify.annotations.Nullable;

/** A strip or tile that is a JPEG of its own, whose tables stand once in the directory. */
final class TiffJpeg {
    private TiffJpeg() {}

    /**
     * The samples as they are stored, before any conversion of colours.
     *
     * @param tables SOI, tables, EOI; null where each part has its own
     * @param width of the part in pixels
     * @param perPixel samples of a pixel within it
     */
    static byte[] samples(byte[] packed, byte @Nullable [] tables, int width, int rows, int perPixel)
            throws IOException {
        if (packed.length < 4 || packed[0] != (byte) 0xFF || packed[1] != (byte) 0xD8) {
            throw new BadImageException("has damaged TIFF data");
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        if (tables != null && tables.length > 4) {
            whole.write(tables, 0, tables.length - 2);
            whole.write(packed, 2, packed.length - 2);
        } else {
            whole.write(packed, 0, packed.length);
        }
        Raster raster = raster(whole.toByteArray());
        if (raster.getNumBands() != perPixel || raster.getWidth() < width || raster.getHeight() < rows) {
            throw new BadImageException("has TIFF data that does not fit its directory");
        }
        byte[] out = new byte[Math.multiplyExact(Math.multiplyExact(width, rows), perPixel)];
        int[] line = new int[width * perPixel];
        for (int y = 0, o = 0; y < rows; y++) {
            raster.getPixels(0, y, width, 1, line);
            for (int value : line) {
                out[o++] = (byte) value;
            }
        }
        return out;
    }

    private static Raster raster(byte[] jpeg) throws IOException {
        ImageReader reader = PictureReaders.RUNTIME.reader("jpeg");
        List<String> warnings = new ArrayList<>();
        reader.addIIOReadWarningListener(
                (source, warning) -> warnings.add(String.valueOf(warning).toLowerCase(Locale.ROOT)));
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(jpeg))) {
            reader.setInput(in, true, true);
            Raster raster = reader.readRaster(0, reader.getDefaultReadParam());
            if (warnings.stream().anyMatch(warning -> warning.contains("premature end"))) {
                throw new BadImageException("ends within its picture data");
            }
            return raster;
        } finally {
            reader.dispose();
        }
    }
}
