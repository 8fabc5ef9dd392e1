package atelier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.cli.command.Command;
import atelier.cli.command.ExitStatus;
import atelier.cli.command.TrainCommand;
import atelier.trainer.loop.SentPass;
import atelier.trainer.loop.SentPasses;
import atelier.trainer.run.PassWorker;
import atelier.trainer.run.TrainingSettings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs whose passes other copies of the network compute, beside runs with gradient accumulation. */
class SentPassesTest {
    @TempDir
    Path folder;

    private RunFolder runs;
    private boolean sends;

    @BeforeEach
    void writePictures() throws IOException {
        // Steps of six pictures: the epoch's last has one pass of two and one of one.
        runs = new RunFolder(folder, 9, 16, 16);
        List<Command> commands = new ArrayList<>(Commands.all());
        commands.removeIf(command -> command.name().equals("train"));
        commands.add(new TrainCommand((settings, run) -> sends ? new TwoCopies(settings) : null));
        runs.commands(commands);
    }

    /** Two copies of the network, which get passes in an order of their own, as bytes. */
    private static final class TwoCopies implements SentPasses.Elsewhere {
        private final PassWorker even;
        private final PassWorker odd;

        TwoCopies(TrainingSettings settings) throws IOException {
            even = PassWorker.open(settings);
            odd = PassWorker.open(settings);
        }

        @Override
        public List<SentPass.Result> run(float[] values, List<SentPass> passes) throws IOException {
            SentPass.Result[] results = new SentPass.Result[passes.size()];
            for (int i = passes.size() - 1; i >= 0; i--) {
                results[i] = (i % 2 == 0 ? even : odd).run(values.clone(), received(passes.get(i)));
            }
            return Arrays.asList(results);
        }

        private static SentPass received(SentPass pass) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
                out.writeObject(pass);
            }
            try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
                return (SentPass) in.readObject();
            } catch (ClassNotFoundException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            even.close();
            odd.close();
        }
    }

    private Path train(String name, boolean sent, String... keys) {
        sends = sent;
        assertThat(runs.train(
                        RunFolder.model("sd1"),
                        List.of(
                                "train.steps=4",
                                "train.save_every=2",
                                "train.gradient_accumulation=3",
                                "sample.prompts=[]",
                                "export.merged=false",
                                "run.name=" + name),
                        keys))
                .as(runs.said())
                .isEqualTo(ExitStatus.DONE);
        return runs.at(name);
    }

    private static byte[] adapter(Path run) throws IOException {
        return Files.readAllBytes(run.resolve("state/step-000004/state.safetensors"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "optimizer=adamw",
                "optimizer=sgd optimizer.lr=0.1",
                "optimizer=prodigy",
                "adapter.rank_dropout=0.3",
                "adapter.text_encoders=true",
                "model.dtype=bf16",
                "train.gradient_checkpointing=true"
            })
    void theBytesAreThoseOfAccumulatedPasses(String keys) throws Exception {
        String[] words = keys.split(" ");
        Path here = train("here", false, words);
        Path elsewhere = train("elsewhere", true, words);
        assertThat(adapter(elsewhere)).isEqualTo(adapter(here));
        assertThat(losses(elsewhere)).isEqualTo(losses(here));
    }

    @Test
    void aRunThatStoppedMayGoOnElsewhere() throws Exception {
        Path here = train("here", false);
        Path stopped = train("stopped", true, "train.steps=4");
        try (Stream<Path> all = Files.walk(stopped.resolve("state/step-000004"))) {
            all.sorted(Comparator.reverseOrder())
                    .forEach(file -> assertThat(file.toFile().delete()).isTrue());
        }
        sends = true;
        assertThat(runs.run(List.of("train", "resume=" + stopped)))
                .as(runs.said())
                .isEqualTo(ExitStatus.DONE);
        assertThat(runs.said()).contains("going on after step 2 of 4");
        assertThat(adapter(stopped)).isEqualTo(adapter(here));
    }

    private static List<String> losses(Path run) throws IOException {
        List<String> lines = Files.readAllLines(run.resolve("metrics.csv"));
        int loss = List.of(lines.get(0).split(",")).indexOf("loss");
        int norm = List.of(lines.get(0).split(",")).indexOf("grad_norm");
        return lines.stream()
                .map(line -> line.split(",", -1))
                .map(each -> each[loss] + " " + each[norm])
                .toList();
    }
}
