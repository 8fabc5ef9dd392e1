package atelier.evaluation.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import atelier.common.image.Pictures;
import atelier.common.image.Pixels;
import atelier.common.image.Resample;
import atelier.diffusion.tensor.Kernels;
import atelier.evaluation.measure.EvaluationGolden;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SSCD, CSD and FID's Inception, narrow, against their originals: scripts/conformance/evaluation/given.py. */
class GivenNetworksTest {
    private static final Path FOLDER =
            EvaluationGolden.REPOSITORY.resolve("evaluation/src/test/resources/atelier/evaluation/features");
    private static final EvaluationGolden GOLDEN = EvaluationGolden.file("features/networks.safetensors");
    private static final int SIDE = 128;
    private static final double TOLERANCE = 1e-4;

    private static Kernels kernels;

    @BeforeAll
    static void load() {
        kernels = Kernels.load(Device.cpu(), List.of(ConvolutionalGraph.KERNELS));
    }

    @AfterAll
    static void close() {
        kernels.close();
    }

    private static List<Pixels> pictures() {
        byte[] all = GOLDEN.bytes("in.pictures");
        int size = 3 * SIDE * SIDE;
        List<Pixels> pictures = new ArrayList<>();
        for (int i = 0; i < all.length / size; i++) {
            pictures.add(new Pixels(SIDE, SIDE, Arrays.copyOfRange(all, i * size, (i + 1) * size)));
        }
        return pictures;
    }

    @Test
    void sscdIsTheOriginals() throws IOException {
        try (ConvolutionalGraph network = ConvolutionalGraph.sscd(FOLDER.resolve("sscd"), kernels)) {
            int arrays = kernels.manager().getManagedArrays().size();
            near(network.embeddings(pictures()), GOLDEN.rows("out.sscd"));
            assertThat(kernels.manager().getManagedArrays()).hasSize(arrays);
        }
    }

    @Test
    void inceptionIsTheOriginals() throws IOException {
        try (ConvolutionalGraph network = ConvolutionalGraph.inception(FOLDER.resolve("inception"), kernels)) {
            near(network.embeddings(pictures()), GOLDEN.rows("out.inception"));
        }
    }

    @Test
    void csdIsTheOriginals() throws IOException {
        try (PictureTower network = PictureTower.csd(FOLDER.resolve("csd"), kernels)) {
            near(network.pictures(pictures()).toArray(float[][]::new), GOLDEN.rows("out.csd"));
        }
    }

    @Test
    void picturesInOneBatchAreThoseByThemselves() throws IOException {
        List<Pixels> many = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            many.addAll(pictures());
        }
        try (ConvolutionalGraph network = ConvolutionalGraph.sscd(FOLDER.resolve("sscd"), kernels)) {
            float[][] all = network.embeddings(many);
            near(new float[][] {all[8], all[9]}, GOLDEN.rows("out.sscd"));
        }
    }

    @Test
    void picturesAreResizedAsPillowDoes() {
        BufferedImage picture = Pictures.image(pictures().get(0));
        assertThat(Pictures.of(Resample.bilinear(picture, 72, 200)).rgb()).isEqualTo(GOLDEN.bytes("out.bilinear"));
        assertThat(Pictures.of(Resample.bicubic(picture, 72, 200)).rgb()).isEqualTo(GOLDEN.bytes("out.bicubic"));
    }

    @Test
    void aFolderWithoutANetworkIsNamedWithTheRemedy(@TempDir Path folder) {
        assertThatThrownBy(() -> ConvolutionalGraph.sscd(folder, kernels))
                .hasMessageContaining("evaluation.sscd=" + folder)
                .hasMessageContaining("holds no network.json and model.safetensors")
                .hasMessageContaining("scripts/evaluation/convert sscd WEIGHTS " + folder);
    }

    @Test
    void anotherNetworkIsRefused() {
        Path folder = FOLDER.resolve("csd");
        assertThatThrownBy(() -> ConvolutionalGraph.inception(folder, kernels))
                .hasMessageContaining("evaluation.inception=" + folder + " holds the network 'csd', not inception")
                .hasMessageContaining("convert inception");
        assertThatThrownBy(() -> PictureTower.csd(FOLDER.resolve("sscd"), kernels))
                .hasMessageContaining("holds the network 'sscd', not csd");
    }

    @Test
    void aMisshapenTensorIsNamedWithTheRemedy(@TempDir Path folder) throws IOException {
        altered("sscd", folder, "\"shape\": [ 24, 64 ]", "\"shape\": [ 24, 65 ]");
        assertThatThrownBy(() -> ConvolutionalGraph.sscd(folder, kernels))
                .hasMessageContaining("evaluation.sscd=" + folder)
                .hasMessageContaining("'fc.weight' should be [24, 65] and is [24, 64]")
                .hasMessageContaining("Convert the weights again");
    }

    @Test
    void anUnknownOperationIsNamed(@TempDir Path folder) throws IOException {
        altered("sscd", folder, "\"op\": \"gem\"", "\"op\": \"attention\"");
        assertThatThrownBy(() -> ConvolutionalGraph.sscd(folder, kernels))
                .hasMessageContaining("is 'attention'; known ones are")
                .hasMessageContaining("Convert the weights again");
    }

    @Test
    void aValueFromNowhereIsNamed(@TempDir Path folder) throws IOException {
        altered("sscd", folder, "\"in\": [ 0 ]", "\"in\": [ 7 ]");
        assertThatThrownBy(() -> ConvolutionalGraph.sscd(folder, kernels))
                .hasMessageContaining("operation 1 of network.json takes the value 7");
    }

    private static void altered(String network, Path folder, String from, String to) throws IOException {
        try (Stream<Path> files = Files.list(FOLDER.resolve(network))) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName().toString()));
            }
        }
        Path file = folder.resolve("network.json");
        String text = Files.readString(file);
        assertThat(text).contains(from);
        Files.writeString(file, text.replaceFirst(Pattern.quote(from), to));
    }

    /** Within 1e-4 of the greatest value. */
    private static void near(float[][] found, float[][] wanted) {
        assertThat(found).hasDimensions(wanted.length, wanted[0].length);
        double greatest = 0;
        for (float[] row : wanted) {
            for (float value : row) {
                greatest = Math.max(greatest, Math.abs(value));
            }
        }
        for (int i = 0; i < wanted.length; i++) {
            for (int j = 0; j < wanted[i].length; j++) {
                assertThat((double) found[i][j])
                        .as("value " + j + " of picture " + i)
                        .isCloseTo(wanted[i][j], within(TOLERANCE * greatest));
            }
        }
    }
}
