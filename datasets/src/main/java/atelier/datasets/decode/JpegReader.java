package atelier.datasets.decode;

import atelier.common.error.MalformedException;
import atelier.datasets.decode.header.BadImageException;
import atelier.datasets.decode.header.ImageHeader;
import atelier.datasets.decode.header.JpegFrame;
import com.twelvemonkeys.imageio.stream.ByteArrayImageInputStream;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/** Decodes JPEG: grey, YCbCr and RGB, CMYK and YCCK, sequential and progressive. */
final class JpegReader {
    /** More passes than any encoder writes: a small file of many would keep a decoder busy for hours. */
    private static final int MAX_SCANS = 500;
    /** A JFIF marker of version 1.1: without any marker the runtime takes YCbCr in full resolution for RGB. */
    private static final byte[] JFIF = {
        (byte) 0xFF, (byte) 0xE0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0
    };

    private JpegReader() {}

    static DecodedSamples read(byte[] file, ImageHeader header) throws IOException {
        JpegFrame frame = header.jpeg();
        if (frame == null) {
            throw new MalformedException("not a JPEG's header");
        }
        if (frame.scans() > MAX_SCANS) {
            throw new BadImageException("is a JPEG of " + frame.scans() + " scans, which no encoder writes");
        }
        if (frame.channels() == 3 && header.pixels() >= NativeCodec.WORTHWHILE) {
            DecodedSamples raw = NativeCodec.jpeg(file, header);
            if (raw != null) {
                return raw;
            }
        }
        byte[] bytes = bare(file, frame.bare() && frame.channels() == 3);
        ImageReader reader = ImageIoReader.reader("jpeg", "com.sun.imageio");
        List<String> warnings = new ArrayList<>();
        reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
        DecodedSamples raw;
        try (ImageInputStream in = new ByteArrayImageInputStream(bytes)) {
            reader.setInput(in, true, true);
            ImageReadParam param = reader.getDefaultReadParam();
            raw = frame.channels() == 4
                    ? inks(reader.readRaster(0, param), frame)
                    : ImageIoReader.samples(reader.read(0, param));
        } finally {
            reader.dispose();
        }
        for (String warning : warnings) {
            if (warning.toLowerCase(Locale.ROOT).contains("premature end")) {
                throw new BadImageException("ends within its picture data");
            }
        }
        return raw;
    }

    /**
     * The file without the markers that describe it, of which only JFIF and Adobe's bear on decoding: given a profile, the
     * runtime's reader would convert colours by itself, line by line.
     */
    private static byte[] bare(byte[] file, boolean addJfif) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(file.length + JFIF.length);
        out.write(file, 0, 2);
        if (addJfif) {
            out.writeBytes(JFIF);
        }
        int at = 2;
        while (at + 4 <= file.length && (file[at] & 255) == 0xFF) {
            int marker = file[at + 1] & 255;
            int size = (file[at + 2] & 255) << 8 | file[at + 3] & 255;
            boolean segment = marker >= 0xC0 && marker < 0xFF && marker != 0xDA && (marker < 0xD0 || marker > 0xD9);
            if (!segment || size < 2 || at + 2 + size > file.length) {
                break;
            }
            boolean describes = marker > 0xE0 && marker <= 0xEF && marker != 0xEE || marker == 0xFE;
            if (!describes) {
                out.write(file, at, 2 + size);
            }
            at += 2 + size;
        }
        out.write(file, at, file.length - at);
        return out.toByteArray();
    }

    /** Inks as Adobe's programs write them, inverted: 255 means none. */
    private static DecodedSamples inks(Raster raster, JpegFrame frame) {
        byte[] c = ImageIoReader.samples(raster, 4);
        if (frame.adobe() == 2) {
            for (int i = 0; i < c.length; i += 4) {
                double y = c[i] & 255;
                double blue = (c[i + 1] & 255) - 128;
                double red = (c[i + 2] & 255) - 128;
                // YCbCr to RGB gives what is left of white, and the file's inks are inverted: twice turned is as it is.
                c[i] = clip(y + 1.402 * red);
                c[i + 1] = clip(y - 0.344136286 * blue - 0.714136286 * red);
                c[i + 2] = clip(y + 1.772 * blue);
                c[i + 3] = (byte) ~c[i + 3];
            }
        } else {
            for (int i = 0; i < c.length; i++) {
                c[i] = (byte) ~c[i];
            }
        }
        return new DecodedSamples(raster.getWidth(), raster.getHeight(), 4, false, c);
    }

    private static byte clip(double value) {
        return (byte) Math.max(0, Math.min(255, Math.round(value)));
    }
}
