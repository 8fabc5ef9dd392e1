package atelier.datasets.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.datasets.pairs.ImageBytes;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.Pair;
import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaskReaderTest {
    @TempDir
    Path folder;

    /** 32 x 16; the left quarter is transparent. */
    @BeforeEach
    void writePicture() throws IOException {
        write("picture.png", 32, 16, true, 8);
    }

    /** Columns from {@code seen} on are white and opaque, those before black and, with alpha, transparent. */
    private void write(String name, int width, int height, boolean alpha, int seen) throws IOException {
        BufferedImage picture =
                new BufferedImage(width, height, alpha ? BufferedImage.TYPE_INT_ARGB : BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                picture.setRGB(x, y, x < seen ? (alpha ? 0 : 0xFF000000) : 0xFFFFFFFF);
            }
        }
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        ImageIO.write(picture, "png", file.toFile());
    }

    private DataSettings settings(MaskSource source, String masks) {
        return SettingsFixture.square(16)
                .folder(folder)
                .mask(source, masks.isEmpty() ? null : folder.resolve(masks))
                .settings();
    }

    private Pair pair(Map<String, String> extra) {
        Path image = folder.resolve("picture.png");
        Origin row = new Origin(Path.of("pairs.csv"), 2);
        return new Pair(image, List.of("a picture"), null, null, null, 1, 1, extra, row, ImageBytes.of(image));
    }

    /** A crop of 16 x 16 whose left edge is at 4: four columns of it are hidden. */
    private static Placement placement(boolean flip) {
        return new Placement(32, 16, 32, 16, 4, 0, new Bucket(16, 16), flip);
    }

    @Test
    void opacityIsCroppedAndMirroredAsThePictureIs() throws Exception {
        MaskReader reader = new MaskReader(settings(MaskSource.ALPHA, ""));
        float[] plain = reader.read(pair(Map.of()), placement(false));
        float[] mirrored = reader.read(pair(Map.of()), placement(true));
        for (int i = 0; i < 256; i++) {
            int x = i % 16;
            assertThat(plain[i]).as("at %s", i).isEqualTo(x < 4 ? 0f : 1f);
            assertThat(mirrored[i]).isEqualTo(plain[i - x + 15 - x]);
        }
    }

    @Test
    void aMaskFileMayBeSmallerThanItsPicture() throws Exception {
        write("masks/picture.png", 16, 8, false, 4);
        write("other.png", 32, 16, false, 32);
        float[] byName = new MaskReader(settings(MaskSource.FILE, "masks")).read(pair(Map.of()), placement(false));
        assertThat(byName[0]).isLessThan(0.05f);
        assertThat(byName[10]).isGreaterThan(0.95f);
        float[] byColumn =
                new MaskReader(settings(MaskSource.FILE, "")).read(pair(Map.of("Mask", "other.png")), placement(false));
        assertThat(byColumn).containsOnly(0f);
    }

    /** Field case 21: white on transparent, whatever colour lies under it and however the file holds it. */
    @Test
    void whatIsTransparentInAMaskIsBlack() throws Exception {
        BufferedImage colour = new BufferedImage(32, 16, BufferedImage.TYPE_INT_ARGB);
        BufferedImage grey = new BufferedImage(32, 16, BufferedImage.TYPE_INT_ARGB);
        byte[] white = {(byte) 255, (byte) 255};
        IndexColorModel half = new IndexColorModel(1, 2, white, white, white, new byte[] {0, (byte) 255});
        BufferedImage palette = new BufferedImage(32, 16, BufferedImage.TYPE_BYTE_BINARY, half);
        BufferedImage deep = new BufferedImage(32, 16, BufferedImage.TYPE_USHORT_GRAY);
        BufferedImage one = new BufferedImage(32, 16, BufferedImage.TYPE_BYTE_BINARY);
        for (int y = 0; y < 16; y++) {
            for (int x = 0; x < 32; x++) {
                boolean seen = x >= 8;
                colour.setRGB(x, y, seen ? 0xFFFFFFFF : 0x00FFFFFF);
                grey.setRGB(x, y, seen ? 0x80FFFFFF : 0x00000000);
                palette.getRaster().setSample(x, y, 0, seen ? 1 : 0);
                deep.getRaster().setSample(x, y, 0, seen ? 65535 : 257);
                one.getRaster().setSample(x, y, 0, seen ? 1 : 0);
            }
        }
        Map<BufferedImage, int[]> expected = Map.of(
                colour,
                new int[] {0, 255},
                grey,
                new int[] {0, 128},
                palette,
                new int[] {0, 255},
                deep,
                new int[] {1, 255},
                one,
                new int[] {0, 255});
        Files.createDirectories(folder.resolve("masks"));
        for (Map.Entry<BufferedImage, int[]> mask : expected.entrySet()) {
            ImageIO.write(
                    mask.getKey(), "png", folder.resolve("masks/picture.png").toFile());
            float[] values = new MaskReader(settings(MaskSource.FILE, "masks")).read(pair(Map.of()), placement(false));
            assertThat(Math.round(values[0] * 255)).isEqualTo(mask.getValue()[0]);
            assertThat(Math.round(values[10] * 255)).isEqualTo(mask.getValue()[1]);
        }
    }

    @Test
    void aMasksBrightnessCountsWhateverItsColour() throws Exception {
        BufferedImage picture = new BufferedImage(32, 16, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 512; i++) {
            picture.setRGB(i % 32, i / 32, 0x00FF00);
        }
        Files.createDirectories(folder.resolve("masks"));
        ImageIO.write(picture, "png", folder.resolve("masks/picture.png").toFile());
        float[] values = new MaskReader(settings(MaskSource.FILE, "masks")).read(pair(Map.of()), placement(false));
        // Pillow: Image.new("RGB", (1, 1), (0, 255, 0)).convert("L") is 150.
        assertThat(Math.round(values[0] * 255)).isEqualTo(150);
    }

    @Test
    void digestsFollowTheMasksOwnBytes() throws Exception {
        write("masks/picture.png", 16, 8, false, 4);
        MaskReader reader = new MaskReader(settings(MaskSource.FILE, "masks"));
        String before = reader.digest(pair(Map.of()));
        write("masks/picture.png", 16, 8, false, 5);
        assertThat(reader.digest(pair(Map.of()))).isNotEqualTo(before);
    }

    @Test
    void aMaskThatIsMissingOrOfOtherProportionsIsNamed() throws Exception {
        assertThatThrownBy(() -> new MaskReader(settings(MaskSource.FILE, "")).require(List.of(pair(Map.of()))))
                .hasMessageContaining("pairs.csv line 2")
                .hasMessageContaining("has no mask")
                .hasMessageContaining("data.masks");
        MaskReader reader = new MaskReader(settings(MaskSource.FILE, "masks"));
        assertThatThrownBy(() -> reader.require(List.of(pair(Map.of()))))
                .hasMessageContaining("picture.png' does not exist");
        write("masks/picture.png", 16, 16, false, 4);
        assertThatThrownBy(() -> reader.read(pair(Map.of()), placement(false)))
                .hasMessageContaining("is 16 x 16 where the picture is 32 x 16");
    }

    @Test
    void aPictureOfTheClassGetsNoTriggerWord() {
        CaptionTools tools =
                new CaptionTools(new CaptionSettings("", "", "zwx", Alternatives.FIRST, false, 0, ",", 0, 0));
        assertThat(tools.plain(pair(Map.of()))).isEqualTo("zwx, a picture");
        assertThat(tools.plain(pair(Map.of("prior", "TRUE")))).isEqualTo("a picture");
        Pair prior = pair(Map.of()).asPrior(3);
        assertThat(tools.plain(prior)).isEqualTo("a picture");
        assertThat(prior.repeats()).isEqualTo(3);
        assertThat(pair(Map.of("prior", "no")).isPrior()).isFalse();
    }
}
