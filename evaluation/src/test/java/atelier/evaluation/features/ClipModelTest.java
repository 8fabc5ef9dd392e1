package atelier.evaluation.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import atelier.common.error.WrongCommandException;
import atelier.common.image.Pixels;
import atelier.diffusion.tensor.Kernels;
import atelier.evaluation.measure.EvaluationGolden;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against transformers' CLIPModel: scripts/conformance/evaluation/clip.py. */
class ClipModelTest {
    private static final Path MODEL =
            EvaluationGolden.REPOSITORY.resolve("evaluation/src/test/resources/atelier/evaluation/features/clip");
    private static final Path TOKENIZER = EvaluationGolden.REPOSITORY.resolve("checkpoints/base/tokenizer");

    @Test
    void vectorsAreThoseOfTransformers(@TempDir Path folder) throws IOException {
        for (Path source : List.of(MODEL, TOKENIZER)) {
            try (Stream<Path> files = Files.list(source)) {
                for (Path file : files.toList()) {
                    Files.copy(file, folder.resolve(file.getFileName().toString()));
                }
            }
        }
        EvaluationGolden golden = EvaluationGolden.file("features/clip.safetensors");
        byte[] all = golden.bytes("in.pictures");
        int side = 128;
        List<Pixels> pictures = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            pictures.add(
                    new Pixels(side, side, Arrays.copyOfRange(all, i * 3 * side * side, (i + 1) * 3 * side * side)));
        }
        try (Kernels kernels = Kernels.load(Device.cpu());
                ClipModel clip = ClipModel.load(folder, kernels)) {
            near(clip.words("monkey face"), golden.rows("out.words")[0], 1e-4);
            near(clip.words("green apple"), golden.rows("out.words")[1], 1e-4);
            List<float[]> seen = clip.pictures(pictures);
            near(seen.get(0), golden.rows("out.pictures")[0], 1e-3);
            near(seen.get(1), golden.rows("out.pictures")[1], 1e-3);
        }
    }

    @Test
    void aFolderWithoutAModelIsNamedWithTheRemedy(@TempDir Path folder) throws IOException {
        try (Kernels kernels = Kernels.load(Device.cpu())) {
            assertThatThrownBy(() -> ClipModel.load(folder, kernels))
                    .isInstanceOf(WrongCommandException.class)
                    .hasMessageContaining("evaluation.clip=" + folder)
                    .hasMessageContaining("CLIPModel");
        }
    }

    private static void near(float[] found, float[] wanted, double tolerance) {
        assertThat(found).hasSameSizeAs(wanted);
        for (int i = 0; i < wanted.length; i++) {
            assertThat((double) found[i]).as("value " + i).isCloseTo(wanted[i], within(tolerance));
        }
    }
}
