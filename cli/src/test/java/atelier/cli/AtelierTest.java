package atelier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.cli.command.Command;
import atelier.cli.command.ExitStatus;
import atelier.cli.command.Invocation;
import atelier.common.error.RefusedException;
import atelier.common.error.WorkFailedException;
import atelier.common.error.WrongCommandException;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Origin;
import atelier.diffusion.weights.safetensors.WeightsException;
import atelier.trainer.folder.NotFiniteException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtelierTest {
    record Run(String name) {}

    record Draw(int seed, Run run) {
        Draw {
            if (seed < 0) {
                throw new WrongCommandException("seed must be at least 0, got " + seed);
            }
        }
    }

    interface Work {
        ExitStatus run(Invocation invocation) throws Exception;
    }

    /** A command whose work a test hands in. */
    record Fake(String name, Work work) implements Command {
        @Override
        public String summary() {
            return "for a test";
        }

        @Override
        public Class<? extends Record> settings() {
            return Draw.class;
        }

        @Override
        public String bareWordKey() {
            return name.equals("draw") ? "seed" : "";
        }

        @Override
        public String configuration() {
            return "draw";
        }

        @Override
        public ExitStatus run(Invocation invocation) throws Exception {
            return work.run(invocation);
        }
    }

    @TempDir
    Path root;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void writeConfigs() throws IOException {
        Files.createDirectories(root.resolve("configs"));
        Files.writeString(
                root.resolve("configs/draw.conf"),
                "# Where noise starts.\nseed = 1\nrun {\n  # The run's name.\n  name = demo\n}\n");
    }

    private ExitStatus run(Work work, String... words) {
        List<Command> commands = List.of(new Fake("draw", work), new Fake("data check", work));
        return new Atelier(root, commands, new PrintStream(out, true), new PrintStream(err, true), false)
                .run(List.of(words));
    }

    private ExitStatus failing(Exception e) {
        return run(
                invocation -> {
                    throw e;
                },
                "draw");
    }

    private String shown() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String errors() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aCommandRunsOnItsSettings() {
        List<Integer> seeds = new ArrayList<>();
        Work work = invocation -> {
            seeds.add(invocation.settings(Draw.class).seed());
            return ExitStatus.REFUSED;
        };
        assertThat(run(work, "draw", "seed=7")).isEqualTo(ExitStatus.REFUSED);
        assertThat(run(work, "data", "check")).isEqualTo(ExitStatus.REFUSED);
        assertThat(run(work, "draw", "9")).isEqualTo(ExitStatus.REFUSED);
        assertThat(seeds).containsExactly(7, 1, 9);
    }

    @Test
    void nothingRunsOnWrongSettingsOrWords() {
        Work never = invocation -> {
            throw new AssertionError("ran");
        };
        assertThat(run(never, "draw", "sed=7", "seed=x")).isEqualTo(ExitStatus.WRONG);
        assertThat(errors())
                .contains("error: override 'sed=7': there is no key 'sed'; did you mean seed?")
                .contains("error: override 'seed=x': seed is the text 'x'; it must be a whole number");
        assertThat(run(never, "drwa")).isEqualTo(ExitStatus.WRONG);
        assertThat(errors()).contains("error: 'drwa': is no command; did you mean draw?");
        assertThat(run(never, "data")).isEqualTo(ExitStatus.WRONG);
        assertThat(errors()).contains("'data': needs a second word; write one of: data check");
        assertThat(run(never)).isEqualTo(ExitStatus.WRONG);
    }

    @Test
    void helpAndCfgPrintAndStop() {
        Work never = invocation -> {
            throw new AssertionError("ran");
        };
        assertThat(run(never, "--help")).isEqualTo(ExitStatus.DONE);
        assertThat(shown()).contains("draw            for a test");
        assertThat(run(never, "help", "draw")).isEqualTo(ExitStatus.DONE);
        assertThat(shown()).contains("seed = 1  (whole number)").contains("Where noise starts.");
        assertThat(run(never, "draw", "--cfg", "seed=9")).isEqualTo(ExitStatus.DONE);
        assertThat(shown()).contains("seed=9");
        assertThat(run(never, "--version")).isEqualTo(ExitStatus.DONE);
    }

    @Test
    void eachKindOfFailureHasItsStatusAndOneClearLine() throws IOException {
        assertThat(failing(new WeightsException("unet.safetensors: cut off; fetch it again")))
                .isEqualTo(ExitStatus.WRONG);
        assertThat(failing(new WorkFailedException("step 3", "the loss is NaN", "lower optimizer.lr")))
                .isEqualTo(ExitStatus.FAILED);
        assertThat(failing(new RefusedException("no picture may be trained on")))
                .isEqualTo(ExitStatus.REFUSED);
        assertThat(failing(new FindingException(Finding.error(
                        Origin.of(Path.of("pairs.csv")), null, "is empty", "write a line for each image"))))
                .isEqualTo(ExitStatus.WRONG);
        assertThat(failing(new FindingException(Finding.error(
                        new Origin(Path.of("pairs.csv"), 3), Path.of("a.png"), "'a.png' is broken", "replace it"))))
                .isEqualTo(ExitStatus.FAILED);
        assertThat(failing(new NoSuchFileException("a.csv"))).isEqualTo(ExitStatus.FAILED);
        assertThat(failing(new UncheckedIOException(new FileSystemException("m.csv", null, "No space left on device"))))
                .isEqualTo(ExitStatus.FAILED);
        assertThat(failing(new InterruptedException())).isEqualTo(ExitStatus.INTERRUPTED);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(errors().lines())
                .containsExactly(
                        "error: unet.safetensors: cut off; fetch it again",
                        "error: step 3: the loss is NaN; lower optimizer.lr",
                        "error: refused: no picture may be trained on",
                        "error: pairs.csv: is empty; write a line for each image",
                        "error: pairs.csv line 3: 'a.png' is broken; replace it",
                        "error: a.csv: does not exist; check the key that names it (--cfg prints them all)",
                        "error: m.csv: No space left on device; the disk is full: free some space, or set run.dir to"
                                + " another disk",
                        "error: interrupted");
    }

    @Test
    void aFaultOfOurOwnLeavesItsTraceInAFile() throws IOException {
        for (Exception fault : List.of(new IllegalStateException("lost"), new IllegalArgumentException("lost"))) {
            err.reset();
            assertThat(failing(fault)).isEqualTo(ExitStatus.FAILED);
            assertThat(errors()).startsWith("error: a fault in Atelier itself: " + fault);
            String file = errors().replaceAll("(?s).*stack trace is in (\\S+);.*", "$1");
            assertThat(Files.readString(Path.of(file))).contains(fault.toString(), "AtelierTest");
            Files.delete(Path.of(file));
        }
    }

    @Test
    void aSweepRunsEachInItsOwnNameAndRanksThem() {
        List<String> names = new ArrayList<>();
        Work work = invocation -> {
            Draw draw = invocation.settings(Draw.class);
            names.add(draw.run().name());
            invocation.report("loss", 1.0 / draw.seed());
            return ExitStatus.DONE;
        };
        assertThat(run(work, "draw", "--multirun", "seed=2,4")).isEqualTo(ExitStatus.DONE);
        assertThat(names).containsExactly("demo-seed=2", "demo-seed=4");
        assertThat(shown().lines()).endsWith("   1  loss=0.250000  seed=4", "   2  loss=0.500000  seed=2");
        names.clear();
        assertThat(run(work, "draw", "run.name=mine", "--multirun", "seed=2,4")).isEqualTo(ExitStatus.DONE);
        assertThat(names).containsExactly("mine-seed=2", "mine-seed=4");
    }

    @Test
    void cfgPrintsTheSettingsOfEachRunOfASweepAndRunsNone() {
        Work never = invocation -> {
            throw new AssertionError("ran");
        };
        assertThat(run(never, "draw", "--multirun", "--cfg", "seed=2,4")).isEqualTo(ExitStatus.DONE);
        assertThat(shown()).contains("# seed=2\n", "seed=2\n", "# seed=4\n", "demo-seed=4");
        assertThat(run(never, "draw", "--multirun", "--help", "seed=2,4")).isEqualTo(ExitStatus.DONE);
        assertThat(shown()).contains("seed = 1  (whole number)");
    }

    @Test
    void aRunThatDivergesStandsLastAndTheOthersGoOn() {
        Work work = invocation -> {
            int seed = invocation.settings(Draw.class).seed();
            if (seed == 2) {
                throw new NotFiniteException(3, "loss", Double.NaN, "nothing had been saved yet");
            }
            invocation.report("loss", 1.0 / seed);
            return ExitStatus.DONE;
        };
        assertThat(run(work, "draw", "--multirun", "seed=2,4,8")).isEqualTo(ExitStatus.FAILED);
        assertThat(shown()).contains("diverged: step 3: the loss is NaN");
        assertThat(shown().lines())
                .endsWith("   1  loss=0.125000  seed=8", "   2  loss=0.250000  seed=4", "   3  diverged=NaN  seed=2");
    }

    @Test
    void aSweepWithOneWrongValueRunsNothing() {
        Work never = invocation -> {
            throw new AssertionError("ran");
        };
        assertThat(run(never, "draw", "--multirun", "seed=1,-1")).isEqualTo(ExitStatus.WRONG);
        assertThat(errors()).contains("override 'seed=-1': seed must be at least 0, got -1");
    }
}
