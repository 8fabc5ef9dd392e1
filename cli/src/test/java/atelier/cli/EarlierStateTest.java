package atelier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import atelier.cli.command.ExitStatus;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.trainer.folder.RunFingerprint;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run of four steps that earlier code saved at step 2, with facts of the first schema, and the adapter that the same code
 * made of it without a stop.
 */
class EarlierStateTest {
    private static final Path EARLIER = Path.of("src/test/resources/earlier-run");

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    /** Paths of the machine that saved it stand for those of this one. */
    @BeforeEach
    void copy() throws IOException {
        try (Stream<Path> all = Files.walk(EARLIER)) {
            for (Path each : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
                Path target = folder.resolve(EARLIER.relativize(each).toString());
                Files.createDirectories(target.getParent());
                if (each.toString().endsWith(".conf")) {
                    String text = Files.readString(each);
                    Files.writeString(
                            target,
                            text.replace("@ROOT@", RunFolder.ROOT.toString()).replace("@FOLDER@", folder.toString()));
                } else {
                    Files.copy(each, target);
                }
            }
        }
    }

    private ExitStatus resume(String... keys) {
        PrintStream stream = new PrintStream(said, true, StandardCharsets.UTF_8);
        List<String> words = Stream.concat(Stream.of("train", "resume=" + folder.resolve("run")), Stream.of(keys))
                .toList();
        return new Atelier(RunFolder.ROOT, Commands.all(), stream, stream, false).run(words);
    }

    private String said() {
        return said.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aStateOfEarlierCodeGoesOnToTheSameAdapter() throws IOException {
        assertThat(resume()).as(said()).isEqualTo(ExitStatus.DONE);
        assertThat(said()).contains("going on after step 2 of 4").doesNotContain("saved by another run");
        Map<String, TensorView> expected =
                SafetensorsFile.open(folder.resolve("adapter-at-4.safetensors")).tensors();
        Map<String, TensorView> tensors =
                SafetensorsFile.open(folder.resolve("run/adapter.safetensors")).tensors();
        assertThat(tensors.keySet()).isEqualTo(expected.keySet());
        expected.forEach((name, tensor) -> {
            float[] values = tensors.get(name).toFloats();
            float[] whole = tensor.toFloats();
            for (int i = 0; i < whole.length; i++) {
                // Bits differ between kinds of processors.
                assertThat(values[i]).as(name).isCloseTo(whole[i], within(1e-6f));
            }
        });
        List<String> rows = Files.readAllLines(folder.resolve("run/metrics.csv"));
        assertThat(rows.stream().map(row -> row.substring(0, row.indexOf(','))))
                .containsExactly("step", "1", "2", "3", "4");
        assertThat(Files.readString(folder.resolve("run/state/step-000004/state.json")))
                .contains("\"facts_schema\" : " + RunFingerprint.SCHEMA)
                .contains("\"optimizer.lr\" : \"0.01\"");
    }

    @Test
    void whatDiffersFromAnEarlierStateIsToldByKey() {
        assertThat(resume(
                        "optimizer.lr=0.0005",
                        "objective.prediction_type=v_prediction",
                        "data.flip=0",
                        "validation.timesteps=2"))
                .isEqualTo(ExitStatus.WRONG);
        assertThat(said().lines())
                .contains(
                        "error:   validation.timesteps: saved 4, now 2",
                        "error:   data.flip: saved 0.5, now 0",
                        "error:   optimizer.lr: saved 0.01, now 0.0005",
                        "error:   objective.prediction_type: saved null, now v_prediction");
        assertThat(said().lines().filter(line -> line.contains(": saved "))).hasSize(4);
    }
}
