package atelier.datasets.decode;

import atelier.common.image.Pixels;
import atelier.datasets.decode.header.ByteView;
import atelier.datasets.decode.header.ImageHeader;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.ImageBytes;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.Pair;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Decodes image files to 8-bit sRGB, upright, over the configured colour: PNG, JPEG, WebP, TIFF, BMP and the first frame
 * of GIF. What a file is shows in its bytes; its name does not matter.
 */
public final class ImageDecoder {
    /** Counts up when a file's pixels change with the code that decodes it: caches of what is made of them hang on it. */
    private static final int VERSION = 2;

    private final DecodeSettings settings;

    public ImageDecoder(DecodeSettings settings) {
        this.settings = settings;
    }

    /** All but the file itself that decoded pixels depend on, for use in a cache's key. */
    public static String key(DecodeSettings settings) {
        return String.format(Locale.ROOT, "decoder %d over #%06x", VERSION, settings.alphaColour());
    }

    /**
     * Decodes a pair's image.
     *
     * @throws FindingException when it is missing, broken, of no known format or larger than data.max_pixels
     */
    public Pixels decode(Pair pair) throws FindingException {
        return decode(pair.content(), pair.origin(), pair.image());
    }

    /**
     * Decodes one image.
     *
     * @param content its encoded bytes
     * @param place the file, which is also what a message names
     * @throws FindingException when it is missing, broken, of no known format or larger than data.max_pixels
     */
    public Pixels decode(ImageBytes content, Origin place) throws FindingException {
        return decode(content, place, place.file());
    }

    /**
     * A pair's opacity, upright, of the picture's own size: the same value 0 to 255 in all three channels, 255 throughout
     * where the file has none.
     *
     * @throws FindingException as {@link #decode(Pair)}
     */
    public Pixels opacity(Pair pair) throws FindingException {
        try {
            return decode(pair.content().read(), pair.origin(), pair.image(), (raw, header) -> Colours.opacity(raw));
        } catch (FindingException e) {
            throw e;
        } catch (IOException e) {
            throw ImageFaults.broken(pair.origin(), pair.image(), e);
        }
    }

    /**
     * A mask's values, upright, the same 0 to 255 in all three channels: brightness where it is opaque, black where it is
     * transparent. Profiles do not count: a mask holds shares, not colours.
     *
     * @throws FindingException as {@link #decode(Pair)}
     */
    public Pixels mask(ImageBytes content, Origin place) throws FindingException {
        try {
            return decode(content.read(), place, place.file(), (raw, header) -> Colours.mask(raw));
        } catch (FindingException e) {
            throw e;
        } catch (IOException e) {
            throw ImageFaults.broken(place, place.file(), e);
        }
    }

    private Pixels decode(ImageBytes content, Origin place, Path image) throws FindingException {
        try {
            return decode(content.read(), place, image);
        } catch (FindingException e) {
            throw e;
        } catch (NoSuchFileException e) {
            throw ImageFaults.missing(place, image, e);
        } catch (IOException e) {
            throw ImageFaults.broken(place, image, e);
        }
    }

    /** Decodes an image whose bytes are at hand. */
    public Pixels decode(byte[] file, Origin place, Path image) throws FindingException {
        return decode(file, place, image, (raw, header) -> Colours.toRgb(raw, header.icc(), settings.alphaColour()));
    }

    /** Makes three channels of what a file holds. */
    @FunctionalInterface
    private interface Channels {
        Pixels of(DecodedSamples raw, ImageHeader header);
    }

    private Pixels decode(byte[] file, Origin place, Path image, Channels channels) throws FindingException {
        try {
            ImageHeader header = ImageHeader.read(ByteView.of(file));
            ImageFaults.checkPixels(header, settings, place, image);
            DecodedSamples raw = switch (header.format()) {
                case PNG -> PngReader.read(file);
                case JPEG -> JpegReader.read(file, header);
                case WEBP -> WebpReader.read(file, header, settings.maxPixels());
                case TIFF -> ImageIoReader.tiff(file, header, settings.maxPixels());
                case BMP, GIF -> ImageIoReader.byRuntime(file, header, settings.maxPixels());
            };
            return Orientation.upright(channels.of(raw, header), header.orientation());
        } catch (FindingException e) {
            throw e;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            // Readers answer hostile bytes with whatever exception; a single array too large leaves the heap as it was.
            throw ImageFaults.broken(place, image, e);
        }
    }
}
