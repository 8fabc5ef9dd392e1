package atelier.cli;

import static atelier.cli.TinyRuns.largest;
import static org.assertj.core.api.Assertions.assertThat;

import atelier.cli.command.ExitStatus;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.text.TextualInversion;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.TensorView;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs that train new tokens: beside an adapter and alone, what they leave, and pictures drawn with it. */
class TextualInversionRunTest {
    @TempDir
    Path folder;

    private static final String TOKEN = "<mine>";

    @ParameterizedTest
    @CsvSource({"sd1, false, fp32", "sdxl, false, fp32", "sd1, true, fp32", "sdxl, true, bf16"})
    void tokensTrainResumeAndAreDrawnWith(String model, boolean alone, String dtype) throws IOException {
        TinyRuns runs = new TinyRuns(folder, model, 24, 16);
        runs.train(
                "token",
                "model.dtype=" + dtype,
                "embedding.tokens=[\"" + TOKEN + "\"]",
                "embedding.vectors=2",
                "embedding.init=[picture]",
                "embedding.vectors_lr=5e-2",
                "embedding.alone=" + alone,
                "data.trigger_word=\"" + TOKEN + "\"",
                "validation.fraction=0.2",
                "validation.every=2",
                "sample.prompts=[\"a " + TOKEN + "\"]",
                "sample.steps=2",
                "sample.guidance_scale=2");
        Path resumed = runs.resumed("token");
        assertThat(Files.readAllBytes(resumed.resolve("adapter.safetensors")))
                .isEqualTo(Files.readAllBytes(runs.adapter("token")));
        AdapterState state = runs.state("token");
        assertThat(state.modules().isEmpty()).isEqualTo(alone);
        assertThat(state.unread()).isEmpty();
        TextualInversion bundled = state.embeddings().get(0);
        assertThat(bundled.token()).isEqualTo(TOKEN);
        assertThat(bundled.count()).isEqualTo(2);
        Path file = runs.run("token").resolve("embeddings/mine.safetensors");
        TextualInversion own = TextualInversion.read(file, TOKEN);
        assertThat(own.vectors()).hasSize(model.equals("sdxl") ? 2 : 1);
        for (int i = 0; i < own.vectors().size(); i++) {
            TensorView vectors = own.vectors().get(i);
            assertThat(vectors.shape()[0]).isEqualTo(2);
            assertThat(largest(vectors.toFloats())).isPositive();
        }
        assertThat(SafetensorsFile.open(file).tensors().keySet())
                .isEqualTo(model.equals("sdxl") ? java.util.Set.of("clip_l", "clip_g") : java.util.Set.of(TOKEN));
        assertThat(Files.exists(runs.run("token").resolve("samples/before-after.png")))
                .isTrue();
        int[] plain = drawn(runs, "plain", "a " + TOKEN);
        int[] known = drawn(runs, "known", "a " + TOKEN, "embeddings=[\"" + file + ":" + TOKEN + "\"]");
        assertThat(known).isNotEqualTo(plain);
        int[] adapted = drawn(runs, "adapted", "a " + TOKEN, "adapter=" + runs.adapter("token"));
        if (alone) {
            assertThat(adapted).isEqualTo(known);
        } else {
            assertThat(adapted).isNotEqualTo(plain);
        }
        assertThat(runs.run(List.of("inspect", runs.adapter("token").toString())))
                .isEqualTo(ExitStatus.DONE);
        assertThat(runs.said()).contains("brings the token '" + TOKEN + "' along, of 2 vectors");
    }

    private int[] drawn(TinyRuns runs, String name, String prompt, String... keys) throws IOException {
        Path out = folder.resolve(name);
        List<String> words = new ArrayList<>(List.of(
                "generate",
                "prompt=\"" + prompt + "\"",
                "model.path=" + runs.model,
                "device=cpu",
                "model.dtype=fp32",
                "steps=2",
                "width=16",
                "height=16",
                "seed=3",
                "guidance_scale=2",
                "safety=off",
                "out=" + out));
        words.addAll(List.of(keys));
        assertThat(runs.run(words)).as(runs.said()).isEqualTo(ExitStatus.DONE);
        BufferedImage picture = ImageIO.read(out.resolve("3.png").toFile());
        return picture.getRGB(0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth());
    }

    @Test
    void randomTokensKeepTheVocabularysNormAndFilesAreGoneOnFrom() throws IOException {
        TinyRuns runs = new TinyRuns(folder, "sd1", 16, 16);
        String[] keys = {
            "embedding.tokens=[\"" + TOKEN + "\"]", "embedding.alone=true", "data.trigger_word=\"" + TOKEN + "\""
        };
        runs.train("random", with(keys, "embedding.keep_norm=true"));
        TensorView table =
                runs.base().component(Component.TEXT_ENCODER).tensor("text_model.embeddings.token_embedding.weight");
        int width = (int) table.shape()[1];
        float[] all = table.toFloats();
        double[] norms = new double[all.length / width];
        for (int i = 0; i < all.length; i++) {
            norms[i / width] += all[i] * all[i];
        }
        java.util.Arrays.sort(norms);
        double median = Math.sqrt(norms[(norms.length - 1) / 2]);
        Path file = runs.run("random").resolve("embeddings/mine.safetensors");
        float[] vector = TextualInversion.read(file, null).vectors().get(0).toFloats();
        double norm = 0;
        for (float value : vector) {
            norm += value * value;
        }
        assertThat(Math.sqrt(norm)).isCloseTo(median, org.assertj.core.api.Assertions.within(1e-4));
        runs.train("further", with(keys, "embedding.init=[\"" + file + "\"]", "embedding.vectors_lr=1e-30"));
        assertThat(TextualInversion.read(runs.run("further").resolve("embeddings/mine.safetensors"), null)
                        .vectors()
                        .get(0)
                        .toFloats())
                .isEqualTo(vector);
    }

    private static String[] with(String[] keys, String... more) {
        List<String> all = new ArrayList<>(List.of(keys));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    @Test
    void whatCannotBeIsRefusedByName() throws IOException {
        TinyRuns runs = new TinyRuns(folder, "sd1", 16, 16);
        assertThat(runs.tryToTrain("none", "embedding.tokens=[\"" + TOKEN + "\"]"))
                .isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("no caption holds '" + TOKEN + "'", "data.trigger_word=");
        assertThat(runs.tryToTrain("none", "embedding.tokens=[\"my style\"]")).isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("a token has no spaces");
        assertThat(runs.tryToTrain("none", "embedding.alone=true")).isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("embedding.alone needs embedding.tokens");
        assertThat(runs.tryToTrain("none", "embedding.tokens=[a1]", "embedding.init=[one, two]"))
                .isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("embedding.init must be empty or have an entry for each");
    }
}
