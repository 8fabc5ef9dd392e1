package atelier.studio.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.studio.job.ChildCommand;
import atelier.studio.job.JobKind;
import atelier.studio.server.BusyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Evaluations as jobs of a run, with a shell script in the place of evaluate. */
class EvaluationsTest {
    private static final int PATIENCE_MS = 20_000;

    @TempDir
    Path temporary;

    private Path folder;
    private Path run;
    private Desk desk;

    @BeforeEach
    void open() throws IOException {
        folder = Files.createDirectories(temporary.resolve("runs"));
        run = RunFolders.write(folder, "cats", 9, 9);
        Files.writeString(run.resolve("adapter.safetensors"), "");
        Files.writeString(run.resolve("ledger.csv"), "image\n");
        desk = desk();
    }

    /** Its last word is how it goes: it refuses, breaks a limit, or works until it is stopped. */
    private Desk desk() throws IOException {
        Path script = temporary.resolve("evaluate.sh");
        Files.writeString(script, """
                for word; do last=$word; done
                case $1 in train) echo training; exec sleep 60 ;; esac
                case $last in
                  *refuse) echo "error: refused: a caption names Ada, who opted out"; exit 3 ;;
                  *report) echo "limit broken: kid <= 0.01"; mkdir -p "$RUN/evaluation"
                    echo "<h1>figures</h1>" > "$RUN/evaluation/report.html"; exit 1 ;;
                esac
                trap 'echo "error: interrupted"; kill $!; exit 130' TERM
                echo "drawing 8 pictures at strength 0.5"
                echo "evaluate: 40 %, 1:20 left"
                while :; do sleep 0.1 & wait $!; done
                """.replace("$RUN", run.toString()));
        return Desk.open(
                RunFolders.ROOT, folder, temporary.resolve("data"), new ChildCommand(List.of("sh", script.toString())));
    }

    @AfterEach
    void end() throws Exception {
        for (String name : List.of("cats", "dogs")) {
            desk.evaluations().process(name).ifPresent(ProcessHandle::destroyForcibly);
        }
        if (desk.runs().trains()) {
            desk.control().stop("dogs");
        }
    }

    private Evaluation evaluation() throws IOException {
        return desk.evaluations().of("cats");
    }

    private void await(EvaluationState state) throws Exception {
        long end = System.currentTimeMillis() + PATIENCE_MS;
        while (evaluation().state() != state) {
            assertThat(System.currentTimeMillis()).as("it is " + evaluation()).isLessThan(end);
            Thread.sleep(20);
        }
    }

    private void evaluate(String how) throws IOException {
        desk.control().evaluate("cats", List.of("evaluation.limits=" + how));
        assertThat(desk.control().next()).isTrue();
    }

    @Test
    void oneThatWorksIsSeenByARestartedStudioAndStopped() throws Exception {
        assertThat(evaluation().state()).isEqualTo(EvaluationState.NONE);
        evaluate("long");
        long end = System.currentTimeMillis() + PATIENCE_MS;
        while (evaluation().percent() == null) {
            assertThat(System.currentTimeMillis()).isLessThan(end);
            Thread.sleep(20);
        }
        desk = desk();
        Evaluation now = evaluation();
        assertThat(now.state()).isEqualTo(EvaluationState.RUNNING);
        assertThat(now.percent()).isEqualTo(40);
        assertThat(now.message()).isEqualTo("drawing 8 pictures at strength 0.5");
        assertThat(now.ends()).isNotNull();
        assertThat(desk.works()).as("drawing waits").isTrue();
        assertThat(desk.runs().trains()).isFalse();
        assertThat(desk.control().evaluation("cats").command())
                .isEqualTo("scripts/atelier evaluate run=" + run + " evaluation.limits=long");
        assertThatThrownBy(() -> desk.control().evaluate("cats", List.of())).isInstanceOf(BusyException.class);
        desk.control().stopEvaluation("cats");
        await(EvaluationState.STOPPED);
        assertThat(desk().evaluations().of("cats").state()).isEqualTo(EvaluationState.STOPPED);
        assertThat(desk.works()).isFalse();
        assertThatThrownBy(() -> desk.control().stopEvaluation("cats")).isInstanceOf(BusyException.class);
    }

    @Test
    void oneThatEndedIsSeenByARestartedStudio() throws Exception {
        evaluate("report");
        await(EvaluationState.DONE);
        desk = desk();
        assertThat(evaluation().state()).isEqualTo(EvaluationState.DONE);
        assertThat(evaluation().message()).isEqualTo("limit broken: kid <= 0.01");
        assertThat(evaluation().report()).isNotNull();
    }

    @Test
    void aRefusalIsToldInItsOwnWordsAndTheEarlierReportStays() throws Exception {
        evaluate("report");
        await(EvaluationState.DONE);
        evaluate("refuse");
        await(EvaluationState.FAILED);
        assertThat(evaluation().message()).isEqualTo("refused: a caption names Ada, who opted out");
        assertThat(evaluation().report()).isNotNull();
    }

    @Test
    void oneOfATerminalIsKnownByItsReport() throws Exception {
        Files.createDirectories(run.resolve("evaluation"));
        Files.writeString(run.resolve("evaluation/report.html"), "<h1>figures</h1>");
        assertThat(evaluation().state()).isEqualTo(EvaluationState.DONE);
        assertThat(desk.evaluations().list()).isEmpty();
    }

    @Test
    void itWaitsWhileARunTrainsAndLeavesTheQueueWhenStopped() throws Exception {
        desk.control().start(List.of("run.name=dogs"));
        desk.control().evaluate("cats", List.of());
        assertThat(desk.control().next()).isFalse();
        assertThat(evaluation().state()).isEqualTo(EvaluationState.WAITING);
        assertThat(desk.control().queue().entries())
                .singleElement()
                .satisfies(entry -> assertThat(entry.kind()).isEqualTo(JobKind.EVALUATE));
        desk = desk();
        assertThat(evaluation().state()).as("after a restart").isEqualTo(EvaluationState.WAITING);
        assertThatThrownBy(() -> desk.control().evaluate("cats", List.of())).hasMessageContaining("waits for that");
        desk.control().stopEvaluation("cats");
        assertThat(evaluation().state()).isEqualTo(EvaluationState.NONE);
        assertThat(desk.control().queue().entries()).isEmpty();
    }

    @Test
    void aRunWithoutAnAdapterSaysWhy() throws Exception {
        Files.delete(run.resolve("adapter.safetensors"));
        assertThat(desk.control().evaluation("cats").obstacle()).startsWith("it left no adapter");
        assertThatThrownBy(() -> desk.control().evaluate("cats", List.of()))
                .isInstanceOf(BusyException.class)
                .hasMessageContaining("it left no adapter");
        Files.createDirectories(run.resolve("merged"));
        assertThat(desk.control().evaluation("cats").obstacle()).startsWith("it trained the whole model");
    }
}
