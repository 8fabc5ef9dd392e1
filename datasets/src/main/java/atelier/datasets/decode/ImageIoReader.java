package atelier.datasets.decode;

import atelier.common.image.PictureReaders;
import atelier.datasets.decode.header.BadImageException;
import atelier.datasets.decode.header.ImageFormat;
import atelier.datasets.decode.header.ImageHeader;
import atelier.datasets.decode.tiff.TiffPicture;
import atelier.datasets.decode.tiff.TiffReader;
import com.luciad.imageio.webp.WebPWrapper;
import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.awt.image.DataBufferInt;
import java.awt.image.IndexColorModel;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.awt.image.SinglePixelPackedSampleModel;
import java.io.IOException;
import java.util.Arrays;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/** Decodes what ImageIO and its plug-ins know, and takes the samples out as they are stored, without colour conversion. */
final class ImageIoReader {
    private static final boolean WEBP_NATIVE = webpNative();

    private ImageIoReader() {}

    /** The picture of a still WebP. */
    static DecodedSamples webp(byte[] file, ImageHeader header, long maxPixels) throws IOException {
        PictureReaders family = WEBP_NATIVE ? PictureReaders.LIBWEBP : PictureReaders.TWELVE_MONKEYS;
        return read(file, header, maxPixels, family.reader("webp"));
    }

    /** The first picture of a TIFF: its parts as {@link TiffReader} has them, faxes by the plug-in. */
    static DecodedSamples tiff(byte[] file, ImageHeader header, long maxPixels) throws IOException {
        if (TiffReader.isFax(file)) {
            return read(file, header, maxPixels, PictureReaders.TWELVE_MONKEYS.reader("tiff"));
        }
        TiffPicture picture = TiffReader.read(file);
        return new DecodedSamples(
                picture.width(), picture.height(), picture.colours(), picture.alpha(), picture.samples());
    }

    /** A BMP, or the first picture of a GIF. */
    static DecodedSamples byRuntime(byte[] file, ImageHeader header, long maxPixels) throws IOException {
        return read(
                file,
                header,
                maxPixels,
                PictureReaders.RUNTIME.reader(header.format().name()));
    }

    private static DecodedSamples read(byte[] file, ImageHeader header, long maxPixels, ImageReader reader)
            throws IOException {
        try (ImageInputStream in = new ByteArrayImageInputStream(file)) {
            reader.setInput(in, false, header.format() != ImageFormat.GIF);
            long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
            if (pixels > maxPixels) {
                throw new BadImageException("holds a picture of " + pixels + " pixels, more than its header says");
            }
            DecodedSamples raw = samples(reader.read(0));
            return header.format() == ImageFormat.GIF ? GifFrame.onCanvas(raw, header, reader) : raw;
        } finally {
            reader.dispose();
        }
    }

    private static boolean webpNative() {
        try {
            PictureReaders.LIBWEBP.reader("webp").dispose();
            WebPWrapper.loadNativeLibrary();
            return true;
        } catch (IOException | RuntimeException | LinkageError e) {
            return false; // no library for this system: the plug-in written in Java does it, more slowly
        }
    }

    static DecodedSamples samples(BufferedImage image) throws BadImageException {
        if (image.isAlphaPremultiplied()) {
            image.coerceData(false);
        }
        Raster raster = image.getRaster();
        if (image.getColorModel() instanceof IndexColorModel palette) {
            return indexed(raster, palette);
        }
        int space = image.getColorModel().getColorSpace().getType();
        int colours = switch (space) {
            case ColorSpace.TYPE_GRAY -> 1;
            case ColorSpace.TYPE_RGB -> 3;
            case ColorSpace.TYPE_CMYK -> 4;
            default -> throw new BadImageException("has colours of a kind that is not read");
        };
        boolean alpha = image.getColorModel().hasAlpha();
        int channels = colours + (alpha ? 1 : 0);
        if (raster.getNumBands() < channels) {
            return packed(image, alpha);
        }
        return new DecodedSamples(image.getWidth(), image.getHeight(), colours, alpha, samples(raster, channels));
    }

    /** The first {@code channels} bands of a raster, scaled to 8 bits. */
    static byte[] samples(Raster raster, int channels) {
        int width = raster.getWidth();
        int height = raster.getHeight();
        byte[] out = new byte[Math.multiplyExact(width * channels, height)];
        if (raster.getDataBuffer() instanceof DataBufferByte buffer
                && buffer.getNumBanks() == 1
                && raster.getSampleModel() instanceof PixelInterleavedSampleModel model
                && raster.getSampleModelTranslateX() == 0
                && raster.getSampleModelTranslateY() == 0
                && raster.getMinX() == 0
                && raster.getMinY() == 0) {
            interleaved(buffer, model, width, height, channels, out);
            return out;
        }
        if (raster.getDataBuffer() instanceof DataBufferInt buffer
                && raster.getSampleModel() instanceof SinglePixelPackedSampleModel model
                && raster.getSampleModelTranslateX() == 0
                && raster.getSampleModelTranslateY() == 0
                && raster.getMinX() == 0
                && raster.getMinY() == 0
                && Arrays.stream(model.getSampleSize()).allMatch(bits -> bits == 8)) {
            unpacked(buffer, model, width, height, channels, out);
            return out;
        }
        int[] line = new int[width * raster.getNumBands()];
        int bands = raster.getNumBands();
        for (int y = 0, o = 0; y < height; y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, line);
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < channels; c++) {
                    int bits = raster.getSampleModel().getSampleSize(c);
                    long value = line[x * bands + c] & 0xFFFFFFFFL;
                    out[o++] = (byte) (bits == 8 ? value : (value * 510 / ((1L << bits) - 1) + 1) / 2);
                }
            }
        }
        return out;
    }

    /** A pixel a number, 8 bits a band. */
    private static void unpacked(
            DataBufferInt buffer, SinglePixelPackedSampleModel model, int width, int height, int channels, byte[] out) {
        int[] data = buffer.getData();
        int[] shifts = model.getBitOffsets();
        for (int y = 0, o = 0; y < height; y++) {
            int i = buffer.getOffset() + y * model.getScanlineStride();
            for (int end = i + width; i < end; i++) {
                int pixel = data[i];
                for (int c = 0; c < channels; c++) {
                    out[o++] = (byte) (pixel >> shifts[c]);
                }
            }
        }
    }

    private static void interleaved(
            DataBufferByte buffer, PixelInterleavedSampleModel model, int width, int height, int channels, byte[] out) {
        byte[] data = buffer.getData();
        int pixel = model.getPixelStride();
        int[] offsets = model.getBandOffsets();
        if (channels == 3 && pixel == 3) {
            int r = offsets[0];
            int g = offsets[1];
            int b = offsets[2];
            for (int y = 0, o = 0; y < height; y++) {
                int i = buffer.getOffset() + y * model.getScanlineStride();
                for (int x = 0; x < width; x++, i += 3, o += 3) {
                    out[o] = data[i + r];
                    out[o + 1] = data[i + g];
                    out[o + 2] = data[i + b];
                }
            }
            return;
        }
        for (int y = 0, o = 0; y < height; y++) {
            int i = buffer.getOffset() + y * model.getScanlineStride();
            for (int x = 0; x < width; x++, i += pixel) {
                for (int c = 0; c < channels; c++) {
                    out[o++] = data[i + offsets[c]];
                }
            }
        }
    }

    private static DecodedSamples indexed(Raster raster, IndexColorModel palette) {
        int width = raster.getWidth();
        int height = raster.getHeight();
        boolean alpha = palette.hasAlpha();
        int channels = alpha ? 4 : 3;
        int[] colours = new int[palette.getMapSize()];
        palette.getRGBs(colours);
        byte[] out = new byte[Math.multiplyExact(width * channels, height)];
        int[] line = new int[width];
        for (int y = 0, o = 0; y < height; y++) {
            raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, 0, line);
            for (int index : line) {
                int colour = colours[Math.min(index, colours.length - 1)];
                out[o++] = (byte) (colour >> 16);
                out[o++] = (byte) (colour >> 8);
                out[o++] = (byte) colour;
                if (alpha) {
                    out[o++] = (byte) (colour >> 24);
                }
            }
        }
        return new DecodedSamples(width, height, 3, alpha, out);
    }

    /** Several channels in one number: the image unpacks them itself. */
    private static DecodedSamples packed(BufferedImage image, boolean alpha) {
        int width = image.getWidth();
        int height = image.getHeight();
        int channels = alpha ? 4 : 3;
        byte[] out = new byte[Math.multiplyExact(width * channels, height)];
        int[] line = new int[width];
        for (int y = 0, o = 0; y < height; y++) {
            Arrays.fill(line, 0);
            image.getRGB(0, y, width, 1, line, 0, width);
            for (int colour : line) {
                out[o++] = (byte) (colour >> 16);
                out[o++] = (byte) (colour >> 8);
                out[o++] = (byte) colour;
                if (alpha) {
                    out[o++] = (byte) (colour >> 24);
                }
            }
        }
        return new DecodedSamples(width, height, 3, alpha, out);
    }
}
