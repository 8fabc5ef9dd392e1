package atelier.studio.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.cli.config.ConfigurationException;
import atelier.studio.job.ChildCommand;
import atelier.studio.run.Desk;
import atelier.studio.run.RunFolders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a run before it starts; nothing is started or written. */
class RunCheckTest {
    @TempDir
    Path temporary;

    private Path runs;
    private RunCheck check;

    @BeforeEach
    void open() throws IOException {
        runs = Files.createDirectories(temporary.resolve("runs"));
        Path data = Files.createDirectories(temporary.resolve("data"));
        Desk desk = Desk.open(RunFolders.ROOT, runs, data, new ChildCommand(List.of("false")));
        PathRoots roots = new PathRoots(List.of(RunFolders.ROOT.resolve("datasets"), data));
        check = new RunCheck(RunFolders.ROOT, roots, desk.control(), desk.runs());
    }

    @Test
    void theDemonstrationIsJudgedWithEachReason() throws IOException {
        CheckResult result = check.check(List.of("train.steps=10"));
        assertThat(result.problems()).isEmpty();
        assertThat(result.ok()).isTrue();
        assertThat(result.counts()).containsEntry("included", 327L).containsKey("excluded");
        assertThat(result.left()).isNotEmpty().allSatisfy(left -> {
            assertThat(left.row().reason()).isNotEmpty();
            assertThat(left.remedy()).isNotEmpty();
        });
        assertThat(result.left().get(0).row().list()).isNotEmpty();
        assertThat(result.left().get(0).row().line()).matches("\\d+");
        assertThat(result.command())
                .startsWith("scripts/atelier train train.steps=10")
                .contains("run.name=");
        assertThat(result.size()).isNotNull();
        assertThat(result.size().steps()).isEqualTo(10);
        assertThat(result.size().epochs()).isGreaterThan(0);
        assertThat(result.size().memoryBytes()).isGreaterThan(1 << 20);
        assertThat(result.size().seconds()).as("no earlier run").isNull();
        try (Stream<Path> left = Files.list(runs)) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void allThatIsWrongIsToldAtOnceEachAtItsKey() throws IOException {
        CheckResult result = check.check(List.of(
                "validation.fraction=2",
                "adapter.rnak=4",
                "optimizer.lr=high",
                "train.batch_size=1.5",
                "no.such.key=1"));
        assertThat(result.ok()).isFalse();
        assertThat(result.problems())
                .extracting(CheckResult.Wrong::key)
                .contains("adapter.rnak", "optimizer.lr", "train.batch_size", "no.such.key", "validation.fraction");
        assertThat(result.problems())
                .anySatisfy(wrong -> assertThat(wrong.toString()).contains("adapter.rank"));
        assertThat(result.counts()).isNull();
    }

    @Test
    void outsideAndMissingAnswerAlike() throws IOException {
        Path outside = Files.createDirectories(temporary.resolve("outside"));
        Path link = Files.createSymbolicLink(temporary.resolve("data/link"), outside);
        String there = fact(check.check(List.of("data.pairs=" + outside)), outside);
        String missing = fact(check.check(List.of("data.pairs=" + outside + "-none")), Path.of(outside + "-none"));
        String linked = fact(check.check(List.of("data.pairs=" + link)), link);
        String relative = fact(
                check.check(List.of("data.pairs=" + temporary + "/data/../outside")),
                Path.of(temporary + "/data/../outside"));
        assertThat(List.of(missing, linked, relative)).containsOnly(there);
        assertThat(check.check(List.of("optout.manifests=[/etc/passwd]")).problems())
                .extracting(CheckResult.Wrong::key)
                .containsExactly("optout.manifests");
        assertThatThrownBy(() -> check.require(List.of("model.path=/etc/passwd")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("studio.roots");
    }

    private static String fact(CheckResult result, Path path) {
        assertThat(result.problems()).hasSize(1);
        assertThat(result.problems().get(0).key()).isEqualTo("data.pairs");
        return result.problems().get(0).fact().replace(path.toString(), "PATH")
                + result.problems().get(0).remedy();
    }

    @Test
    void aValueIncludesNoFile() throws IOException {
        CheckResult result = check.check(List.of("train={include file(\"/etc/hostname\")}"));
        assertThat(result.ok()).isFalse();
        assertThat(result.problems())
                .singleElement()
                .satisfies(wrong -> assertThat(wrong.fact()).contains("its value cannot be read"));
    }

    @Test
    void theFormHoldsEverySettingWithChoicesAndMeaning() {
        CommandForm.Description form = CommandForm.train(RunFolders.ROOT).describe(List.of("experiment=character"));
        assertThat(form.keys())
                .filteredOn(key -> key.key().equals("adapter.rank"))
                .singleElement()
                .satisfies(key -> {
                    assertThat(key.value()).isEqualTo("8");
                    assertThat(key.type()).isEqualTo("whole number");
                    assertThat(key.section()).isEqualTo("adapter");
                    assertThat(key.meaning()).isNotEmpty();
                });
        assertThat(form.keys())
                .filteredOn(key -> key.key().equals("model.dtype"))
                .singleElement()
                .satisfies(key -> {
                    assertThat(key.auto()).isTrue();
                    assertThat(key.choices()).contains("fp32", "bf16");
                });
        assertThat(form.groups())
                .filteredOn(group -> group.name().equals("experiment"))
                .singleElement()
                .satisfies(group -> assertThat(group.options())
                        .filteredOn(CommandForm.Option::chosen)
                        .extracting(CommandForm.Option::name)
                        .containsExactly("character"));
        assertThat(form.keys()).extracting(CommandForm.Key::key).doesNotContain("resume", "run.dir");
    }
}
