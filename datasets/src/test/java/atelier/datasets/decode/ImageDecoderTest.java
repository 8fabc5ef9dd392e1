package atelier.datasets.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.image.Pixels;
import atelier.datasets.decode.header.ByteView;
import atelier.datasets.decode.header.ImageHeader;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.ImageBytes;
import atelier.datasets.pairs.Origin;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageDecoderTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rgb8.png", "grey8.png", "grey1.png", "grey4.png", "palette8.png", "palette4.png", "palette2.png",
                "key.png", "rgb16.png", "grey16.png", "interlaced.png", "exif6.png", "lossless.webp", "lzw.tif",
                "deflate.tif", "grey.tif", "rgb.bmp", "palette.bmp", "still.gif", "moving.gif"
            })
    void losslessFilesDecodeToPillowsPixels(String name) throws IOException {
        assertThat(Golden.difference(Golden.decode(name), Golden.expected(name)))
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "rgba8.png",
                "grey-alpha8.png",
                "palette-alpha.png",
                "interlaced-small.png",
                "alpha.webp",
                "alpha.tif",
                "cmyk.tif",
                "wide.png",
                "wide.jpg",
                "srgb.jpg",
                "444.jpg",
                "420.jpg",
                "progressive.jpg",
                "grey.jpg",
                "cmyk.jpg",
                "ycck.jpg",
                "bare.jpg",
                "rgb.jpg",
                "exif1.jpg",
                "exif2.jpg",
                "exif3.jpg",
                "exif4.jpg",
                "exif5.jpg",
                "exif6.jpg",
                "exif7.jpg",
                "exif8.jpg",
                "lossy.webp"
            })
    void otherFilesAgreeWithPillowWithinOneStepOnAverage(String name) throws IOException {
        assertThat(Golden.difference(Golden.decode(name), Golden.expected(name)))
                .isLessThan(1);
    }

    /** The file holds the samples of rgb8.png under a profile of wider primaries. */
    @Test
    void aProfileChangesPixels() throws IOException {
        byte[] file = Files.readAllBytes(Golden.file("wide.png"));
        ImageDecoder decoder = new ImageDecoder(DecodeSettings.plain());
        Pixels withProfile = decoder.decode(file, Origin.of(folder), folder);
        Pixels without = decoder.decode(withoutChunk(file, "iCCP"), Origin.of(folder), folder);
        assertThat(Golden.difference(without, Golden.expected("rgb8.png"))).isZero();
        assertThat(Golden.difference(withProfile, without)).isGreaterThan(5);
        assertThat(Golden.difference(withProfile, Golden.expected("wide.png"))).isLessThan(1);
    }

    private static byte[] withoutChunk(byte[] png, String type) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(png, 0, 8);
        ByteBuffer lengths = ByteBuffer.wrap(png);
        for (int at = 8; at < png.length; ) {
            int length = 12 + lengths.getInt(at);
            if (!new String(png, at + 4, 4, StandardCharsets.US_ASCII).equals(type)) {
                out.write(png, at, length);
            }
            at += length;
        }
        return out.toByteArray();
    }

    @Test
    void transparencyShowsTheConfiguredColour() throws IOException {
        Path file = Golden.file("rgba8.png");
        Pixels red =
                new ImageDecoder(new DecodeSettings(1 << 20, 0xFF0000)).decode(ImageBytes.of(file), Origin.of(file));
        assertThat(red.at(0, 0, 0)).isEqualTo(255);
        assertThat(red.at(0, 0, 1)).isZero();
    }

    @Test
    void anImageWithTooManyPixelsIsRefusedByItsHeader() {
        Path file = Golden.file("rgb8.png");
        ImageDecoder small = new ImageDecoder(new DecodeSettings(48 * 36 - 1, 0));
        assertThatThrownBy(() -> small.decode(ImageBytes.of(file), Origin.of(file)))
                .isInstanceOf(FindingException.class)
                .hasMessageContaining("48 x 36 = 1728 pixels, more than 1727")
                .hasMessageEndingWith("shrink it, or raise data.max_pixels if it is what it seems");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rgb8.png", "444.jpg", "progressive.jpg", "lossy.webp", "lzw.tif", "rgb.bmp", "still.gif"})
    void aFileCutShortIsAFinding(String name) throws IOException {
        byte[] whole = Files.readAllBytes(Golden.file(name));
        Path cut = folder.resolve(name);
        Files.write(cut, Arrays.copyOf(whole, whole.length / 2));
        assertThatThrownBy(() -> new ImageDecoder(DecodeSettings.plain()).decode(ImageBytes.of(cut), Origin.of(cut)))
                .isInstanceOf(FindingException.class)
                .hasMessageStartingWith(name + ": '" + cut + "' ")
                .hasMessageEndingWith("replace the file or take its row out");
    }

    @ParameterizedTest
    @ValueSource(strings = {"jpg", "png", "alpha.png"})
    void aLargeFileIsDecodedByTheLibraryToTheSamePixels(String kind) throws IOException {
        byte[] file = LargePictures.encoded(kind);
        ImageHeader header = ImageHeader.read(ByteView.of(file));
        DecodedSamples raw = kind.equals("jpg")
                ? NativeCodec.jpeg(file, header)
                : NativeCodec.png(file, header.width(), header.height(), kind.startsWith("alpha"));
        assertThat(raw).isNotNull();
        Pixels quick = new ImageDecoder(DecodeSettings.plain()).decode(file, Origin.of(folder), folder);
        assertThat(Golden.difference(quick, LargePictures.byRuntime(file))).isLessThan(kind.equals("jpg") ? 1 : 1e-9);
        assertThat(raw.alpha()).isEqualTo(kind.startsWith("alpha"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"jpg", "png", "alpha.png"})
    void aLargeFileCutShortIsAFinding(String kind) throws IOException {
        byte[] whole = LargePictures.encoded(kind);
        byte[] cut = Arrays.copyOf(whole, whole.length * 3 / 4);
        assertThatThrownBy(() -> new ImageDecoder(DecodeSettings.plain()).decode(cut, Origin.of(folder), folder))
                .isInstanceOf(FindingException.class)
                .hasMessageContaining("ends within its picture data");
    }

    /** Field case 22: the library is handed neither stray bytes nor chunks that it does not need. */
    @Test
    void aLargeFileWithStrayBytesOrDamagedChunksIsDecodedToTheSamePixels() throws IOException {
        ImageDecoder decoder = new ImageDecoder(DecodeSettings.plain());
        byte[] jpeg = LargePictures.encoded("jpg");
        int end = 4 + ((jpeg[4] & 255) << 8 | jpeg[5] & 255);
        Pixels plain = decoder.decode(jpeg, Origin.of(folder), folder);
        Pixels stray = decoder.decode(inserted(jpeg, end, new byte[] {0, 0}), Origin.of(folder), folder);
        assertThat(stray.rgb()).isEqualTo(plain.rgb());
        byte[] png = LargePictures.encoded("png");
        byte[] chunk = {0, 0, 0, 3, 'p', 'H', 'Y', 's', 1, 2, 3, 9, 9, 9, 9};
        Pixels odd = decoder.decode(inserted(png, 33, chunk), Origin.of(folder), folder);
        assertThat(odd.rgb())
                .isEqualTo(decoder.decode(png, Origin.of(folder), folder).rgb());
    }

    private static byte[] inserted(byte[] file, int at, byte[] more) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(file, 0, at);
        out.writeBytes(more);
        out.write(file, at, file.length - at);
        return out.toByteArray();
    }

    @Test
    void moreScansThanAnyEncoderWritesAreAFinding() throws IOException {
        byte[] whole = Files.readAllBytes(Golden.file("progressive.jpg"));
        ByteArrayOutputStream many = new ByteArrayOutputStream();
        many.write(whole, 0, whole.length - 2);
        byte[] scan = {(byte) 0xFF, (byte) 0xDA, 0, 8, 1, 1, 0, 1, 5, 1, 0, 0};
        for (int i = 0; i < 500; i++) {
            many.writeBytes(scan);
        }
        many.write(whole, whole.length - 2, 2);
        assertThatThrownBy(() ->
                        new ImageDecoder(DecodeSettings.plain()).decode(many.toByteArray(), Origin.of(folder), folder))
                .isInstanceOf(FindingException.class)
                .hasMessageContaining("scans, which no encoder writes");
    }

    @Test
    void aTextFileIsNoImage() throws IOException {
        Path text = Files.writeString(folder.resolve("notes.png"), "not a picture");
        assertThatThrownBy(() -> new ImageDecoder(DecodeSettings.plain()).decode(ImageBytes.of(text), Origin.of(text)))
                .hasMessageContaining("is no PNG, JPEG, WebP, TIFF, BMP or GIF");
    }

    @Test
    void headersAgreeWithDecodedSizes() throws IOException {
        for (String name : new String[] {"rgb8.png", "exif6.jpg", "lossy.webp", "alpha.webp", "lzw.tif", "rgb.bmp"}) {
            ImageHeader header = ImageHeader.read(ImageBytes.of(Golden.file(name)));
            Pixels pixels = Golden.decode(name);
            assertThat(header.uprightWidth()).as(name).isEqualTo(pixels.width());
            assertThat(header.uprightHeight()).as(name).isEqualTo(pixels.height());
        }
    }
}
