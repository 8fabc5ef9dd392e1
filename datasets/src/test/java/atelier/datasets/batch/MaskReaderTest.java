package atelier.datasets.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.datasets.pairs.ImageBytes;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.Pair;
import java.awt.image.BufferedImage;
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
