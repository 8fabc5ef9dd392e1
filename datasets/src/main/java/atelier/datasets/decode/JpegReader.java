package atelier.datasets.decode;

import atelier.common.error.MalformedException;
import atelier.common.image.PictureReaders;
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
        checkKind(frame);
        byte[] bytes = bare(file, frame.bare() && frame.channels() == 3);
        boolean arithmetic = frame.process() >= 9;
        if (frame.channels() == 3 && (arithmetic || header.pixels() >= NativeCodec.WORTHWHILE)) {
            DecodedSamples raw = NativeCodec.jpeg(bytes, header);
            if (raw != null) {
                return raw;
            }
        }
        if (arithmetic) {
            throw new BadImageException("is a JPEG with arithmetic coding, which is not read here; save it anew");
        }
        ImageReader reader = PictureReaders.RUNTIME.reader("jpeg");
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

    private static void checkKind(JpegFrame frame) throws BadImageException {
        if (frame.precision() != 8) {
            throw new BadImageException(
                    "is a JPEG of " + frame.precision() + " bits a sample, which is not read; save it as PNG");
        }
        boolean known = frame.process() <= 2 || frame.process() == 9 || frame.process() == 10;
        if (!known) {
            throw new BadImageException("is a lossless or hierarchical JPEG, which is not read; save it as PNG");
        }
        if (frame.channels() != 1 && frame.channels() != 3 && frame.channels() != 4) {
            throw new BadImageException("is a JPEG of " + frame.channels() + " channels, which is not read");
        }
    }

    /**
     * What decoding needs, and no more: the first JFIF marker, Adobe's, frame, tables and scans. Profiles and descriptions
     * stay behind (given a profile, the runtime's reader would convert colours by itself, line by line), and so do stray
     * bytes between segments, which cameras leave, which libjpeg passes over and the runtime's reader does not.
     */
    static byte[] bare(byte[] file, boolean addJfif) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(file.length + JFIF.length);
        out.write(file, 0, 2);
        boolean jfif = addJfif;
        if (addJfif) {
            out.writeBytes(JFIF);
        }
        int at = 2;
        while (true) {
            at = nextMarker(file, at);
            if (at + 4 > file.length) {
                return out.toByteArray();
            }
            int marker = file[at + 1] & 255;
            int size = (file[at + 2] & 255) << 8 | file[at + 3] & 255;
            boolean alone = marker == 1 || marker >= 0xD0 && marker <= 0xD8;
            if (alone) {
                at += 2;
                continue;
            }
            if (marker == 0xDA || marker == 0xD9 || size < 2 || at + 2 + size > file.length) {
                out.write(file, at, file.length - at);
                return out.toByteArray();
            }
            boolean isJfif = marker == 0xE0 && size >= 16 && file[at + 4] == 'J' && file[at + 6] == 'I';
            boolean describes = marker >= 0xE0 && marker <= 0xEF && marker != 0xEE && !isJfif || marker == 0xFE;
            if (!describes && !(isJfif && jfif)) {
                out.write(file, at, 2 + size);
            }
            jfif |= isJfif;
            at += 2 + size;
        }
    }

    /** The place of the next marker: 0xFF and neither 0 nor another 0xFF after it. */
    private static int nextMarker(byte[] file, int from) {
        int at = from;
        while (at + 1 < file.length && !(file[at] == (byte) 0xFF && file[at + 1] != 0 && file[at + 1] != (byte) 0xFF)) {
            at++;
        }
        return at;
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
