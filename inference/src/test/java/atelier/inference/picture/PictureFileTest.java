package atelier.inference.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.drew.imaging.ImageMetadataReader;
import com.drew.metadata.xmp.XmpDirectory;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PictureFileTest {
    private static final GenerationParameters RECORD = record("a fox, in the snow: \"quiet\"\nsecond line", "blurry");

    @TempDir
    private Path folder;

    @Test
    void pngKeepsPixelsAndRecord() throws IOException {
        Path file = folder.resolve("deep/1.png");
        BufferedImage picture = noise(40, 24);
        PictureFile.write(file, picture, RECORD, PictureFormat.PNG, 95);
        assertThat(PictureFile.texts(file).own()).contains(RECORD);
        assertThat(pixels(PictureFile.read(file))).isEqualTo(pixels(picture));
        assertThat(names(file.getParent())).containsExactly("1.png");
    }

    @ParameterizedTest
    @EnumSource(PictureFormat.class)
    void everyFormatSaysThatAModelMadeIt(PictureFormat format) throws Exception {
        Path file = folder.resolve("x." + format.ending());
        PictureFile.write(file, noise(32, 32), RECORD, format, 90);
        String types = ImageMetadataReader.readMetadata(file.toFile()).getDirectoriesOfType(XmpDirectory.class).stream()
                .flatMap(xmp -> xmp.getXmpProperties().values().stream())
                .collect(Collectors.joining(" "));
        assertThat(types).contains("digitalsourcetype/trainedAlgorithmicMedia");
    }

    @ParameterizedTest
    @EnumSource(PictureFormat.class)
    void everyFormatCarriesWhatMakesItAgain(PictureFormat format) throws IOException {
        Path file = folder.resolve("x." + format.ending());
        PictureFile.write(file, noise(32, 32), RECORD, format, 90);
        PictureTexts texts = PictureFile.texts(file);
        assertThat(texts.get("parameters").orElseThrow().strip())
                .startsWith(RECORD.prompt() + "\nNegative prompt: " + RECORD.negativePrompt() + "\nSteps: 20,")
                .contains("Sampler: DPM++ 2M, Schedule type: Karras,", "Seed: 123456789012,");
    }

    @Test
    void webpIsLosslessAtQuality100() throws IOException {
        Path file = folder.resolve("x.webp");
        BufferedImage picture = noise(30, 20);
        PictureFile.write(file, picture, RECORD, PictureFormat.WEBP, 100);
        assertThat(pixels(PictureFile.read(file))).isEqualTo(pixels(picture));
    }

    @Test
    void wordsOutsideLatin1Survive() throws IOException {
        GenerationParameters record = record("狐 в снегу 🦊", "");
        Path file = folder.resolve("x.png");
        PictureFile.write(file, noise(16, 16), record, PictureFormat.PNG, 95);
        assertThat(PictureFile.texts(file).own()).contains(record);
    }

    @Test
    void withoutARecordNothingIsAdded() throws IOException {
        Path file = folder.resolve("x.png");
        PictureFile.write(file, noise(16, 16), null, PictureFormat.PNG, 95);
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
                .doesNotContain("tEXt", "iTXt");
        assertThat(PictureFile.texts(file).own()).isEmpty();
    }

    @Test
    void whatIsNoPictureIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("x.png"), "text");
        assertThatThrownBy(() -> PictureFile.read(file)).hasMessageContaining("is not a picture that can be read");
        assertThatThrownBy(() -> PictureFile.read(folder.resolve("none.png"))).hasMessageContaining("does not exist");
    }

    static GenerationParameters record(String prompt, String negative) {
        return new GenerationParameters(
                prompt,
                negative,
                123456789012L,
                20,
                7.5,
                0.25,
                0,
                1,
                "dpmpp_2m",
                false,
                "karras",
                null,
                512,
                768,
                1,
                "torch",
                "models/some model",
                "0123456789",
                "fp32",
                List.of(new GenerationParameters.AdapterUse("a/style.safetensors", 0.8, "ab")),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                List.of(new GenerationParameters.EmbeddingUse("cat.safetensors", "<cat>", null)),
                true,
                new SafetyNote("checker", true, "tag", Map.of("porn", 0.25)),
                "Atelier 0.1.0");
    }

    static BufferedImage noise(int width, int height) {
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(1);
        for (int i = 0; i < width * height; i++) {
            picture.setRGB(i % width, i / width, random.nextInt() & 0xffffff);
        }
        return picture;
    }

    private static int[] pixels(BufferedImage picture) {
        int[] pixels = picture.getRGB(0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth());
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] &= 0xffffff;
        }
        return pixels;
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
