package atelier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.cli.command.ExitStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** evaluate compare: which exit status a broken limit, one that holds, and a wrong one give. */
class EvaluateCommandTest {
    private static final Path ROOT =
            Path.of(System.getProperty("atelier.root", "..")).toAbsolutePath();

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    @TempDir
    Path folder;

    @BeforeEach
    void reports() throws IOException {
        report("a", 0.5, "0.4, 0.6, 0.5");
        report("b", 0.2, "0.1, 0.3, 0.2");
    }

    private void report(String run, double share, String units) throws IOException {
        Path evaluation = Files.createDirectories(folder.resolve(run).resolve("evaluation"));
        Files.writeString(evaluation.resolve("report.json"), String.format("""
                {"run": "%s", "facts": {"generations": "3 prompts"}, "prompts": ["cat", "dog", "fox"],
                 "measures": {"style.share": {"title": "nearest to its own style", "better": "higher",
                  "strengths": [{"value": %s, "low": 0, "high": 1, "strength": 1, "units": [%s]}]}}}
                """, run, share, units));
    }

    private ExitStatus compare(String limit) {
        said.reset();
        PrintStream stream = new PrintStream(said, true, StandardCharsets.UTF_8);
        return new Atelier(ROOT, Commands.all(), stream, stream, false)
                .run(List.of(
                        "evaluate",
                        "compare=[" + folder.resolve("a") + "," + folder.resolve("b") + "]",
                        "evaluation.limits=[\"" + limit + "\"]",
                        "out=" + folder.resolve("comparison")));
    }

    @Test
    void aBrokenLimitFails() {
        assertThat(compare("style.share change >= -0.1")).isEqualTo(ExitStatus.FAILED);
        assertThat(said.toString(StandardCharsets.UTF_8))
                .contains("limit broken: b: style.share (change) is -0.3 and must be at least -0.1");
        assertThat(folder.resolve("comparison/comparison.html")).content().contains("style.share", "-0.3");
    }

    @Test
    void aLimitThatHoldsDoesNot() {
        assertThat(compare("style.share >= 0.1")).isEqualTo(ExitStatus.DONE);
    }

    @Test
    void aLimitOnNoFigureNamesThoseThereAre() {
        assertThat(compare("style.shares >= 0.1")).isEqualTo(ExitStatus.WRONG);
        assertThat(said.toString(StandardCharsets.UTF_8))
                .contains("style.shares")
                .contains("[style.share]");
    }

    @Test
    void aRunThatHasNotBeenEvaluatedIsNamedWithTheRemedy() throws IOException {
        Files.delete(folder.resolve("b/evaluation/report.json"));
        assertThat(compare("style.share >= 0.1")).isEqualTo(ExitStatus.WRONG);
        assertThat(said.toString(StandardCharsets.UTF_8)).contains("evaluate the run first");
    }
}
