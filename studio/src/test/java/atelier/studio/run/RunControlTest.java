package atelier.studio.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.studio.event.Events;
import atelier.studio.job.ChildCommand;
import atelier.studio.job.JobKind;
import atelier.studio.job.Launches;
import atelier.studio.job.QueueEntry;
import atelier.studio.server.BusyException;
import atelier.studio.server.NotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starting, stopping and queueing, with a shell script in the place of a training. */
class RunControlTest {
    private static final int PATIENCE_MS = 20_000;

    @TempDir
    Path temporary;

    private Path folder;
    private Desk desk;

    @BeforeEach
    void open() throws IOException {
        folder = Files.createDirectories(temporary.resolve("runs"));
        desk = desk();
    }

    /** A run of the name that its last word has: it writes its settings, and waits to be stopped. */
    private Desk desk() throws IOException {
        Path script = temporary.resolve("train.sh");
        Files.writeString(script, """
                for word; do last=$word; done
                name=${last#run.name=}
                echo "words: $*"
                case $name in bad*) echo "error: captions.csv does not exist"; exit 2 ;; esac
                trap 'echo "stopped\nafter step 3" > "$RUNS/$name/ended.txt"; kill $!; exit 130' TERM
                mkdir -p "$RUNS/$name"
                echo 'train {\n    steps=9\n}' > "$RUNS/$name/resolved.conf"
                while :; do sleep 0.1 & wait $!; done
                """.replace("$RUNS", folder.toString()));
        return Desk.open(
                RunFolders.ROOT, folder, temporary.resolve("data"), new ChildCommand(List.of("sh", script.toString())));
    }

    @AfterEach
    void end() throws IOException {
        for (String each : List.of("launches", "evaluations")) {
            new Launches(temporary.resolve("data").resolve(each), new ChildCommand(List.of("false")), JobKind.TRAIN)
                    .all()
                    .values()
                    .forEach(launch -> launch.alive().ifPresent(ProcessHandle::destroyForcibly));
        }
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void await(Condition condition) throws Exception {
        long end = System.currentTimeMillis() + PATIENCE_MS;
        while (!condition.holds()) {
            assertThat(System.currentTimeMillis()).as("waited too long").isLessThan(end);
            Thread.sleep(20);
        }
    }

    private RunState state(String name) throws IOException {
        return desk.runs().summary(name).state();
    }

    @Test
    void aRunIsStartedStoppedAndSeenByARestartedStudio() throws Exception {
        RunControl.NewRun run = desk.control().start(List.of("train.steps=9", "run.name=cats"));
        assertThat(run.name()).isEqualTo("cats");
        assertThat(run.command())
                .startsWith("scripts/atelier train train.steps=9")
                .endsWith("run.name=cats");
        assertThat(state("cats")).isEqualTo(RunState.PREPARING);
        await(() -> Files.exists(folder.resolve("cats/resolved.conf")));
        desk = desk();
        assertThat(state("cats")).as("after a restart").isEqualTo(RunState.PREPARING);
        assertThat(desk.runs().trains()).isTrue();
        desk.control().stop("cats");
        await(() -> state("cats") == RunState.STOPPED);
        assertThat(desk.runs().summary("cats").reason()).isEqualTo("after step 3");
        assertThat(desk.runs().log("cats")).startsWith("words: train train.steps=9");
        assertThatThrownBy(() -> desk.control().stop("cats")).isInstanceOf(BusyException.class);
    }

    @Test
    void aNameThatIsTakenGetsANumber() throws Exception {
        RunFolders.write(folder, "cats", 3, 9);
        assertThat(desk.control().enqueue(List.of("run.name=cats")).name()).isEqualTo("cats-2");
        assertThat(desk.control().enqueue(List.of("run.name=cats")).name()).isEqualTo("cats-3");
        assertThat(desk.control().named(List.of("run.name=dogs")).changes())
                .containsExactly("run.dir=" + folder, "run.name=dogs");
        assertThat(desk.control()
                        .named(List.of("run.dir=" + folder, "run.name=dogs"))
                        .changes())
                .containsExactly("run.dir=" + folder, "run.name=dogs");
    }

    @Test
    void whatFailsBeforeItHasAFolderIsShownWithItsError() throws Exception {
        desk.control().start(List.of("run.name=bad"));
        await(() -> state("bad") == RunState.FAILED);
        assertThat(desk.runs().list()).extracting(RunSummary::reason).containsExactly("captions.csv does not exist");
        assertThat(desk.runs().detail("bad").log()).contains("error: captions.csv does not exist");
        desk.control().forget("bad");
        assertThat(desk.runs().list()).isEmpty();
    }

    @Test
    void theQueueStartsOneAfterTheOtherAndOutlivesTheStudio() throws Exception {
        List<String> ids = new ArrayList<>();
        for (String name : List.of("a", "b", "c")) {
            ids.add(desk.control().enqueue(List.of("run.name=" + name)).id());
        }
        desk.control().queue().move(ids.get(2), 0);
        assertThat(desk.control().queue().entries())
                .extracting(QueueEntry::name)
                .containsExactly("c", "a", "b");
        desk.control().queue().remove(ids.get(0));
        desk = desk();
        assertThat(desk.control().queue().entries())
                .extracting(QueueEntry::name)
                .containsExactly("c", "b");
        assertThat(desk.control().next()).isTrue();
        assertThat(desk.control().next()).as("while one runs").isFalse();
        await(() -> Files.exists(folder.resolve("c/resolved.conf")));
        assertThat(desk.runs().log("c")).contains("run.dir=" + folder + " run.name=c");
        desk.control().stop("c");
        await(() -> state("c") == RunState.STOPPED);
        assertThat(desk.control().next()).isTrue();
        await(() -> Files.exists(folder.resolve("b/resolved.conf")));
        assertThat(desk.control().queue().entries()).isEmpty();
        assertThatThrownBy(() -> desk.control().queue().remove("none")).isInstanceOf(NotFoundException.class);
    }

    @Test
    void onlyARunWithASavedStateGoesOn() throws Exception {
        Path run = RunFolders.write(folder, "cats", 3, 9);
        assertThatThrownBy(() -> desk.control().resume("cats", false)).hasMessageContaining("no state of it was saved");
        Files.createDirectories(run.resolve("state/step-000003"));
        desk.control().resume("cats", true);
        assertThat(desk.control().queue().entries().get(0).changes()).containsExactly("resume=" + run);
        assertThatThrownBy(() -> desk.control().resume("cats", true)).isInstanceOf(BusyException.class);
    }

    @Test
    void changesAreTold() throws Exception {
        Events events = new Events();
        RunWatch watch = RunWatch.start(desk, events);
        try {
            watch.look(false);
            RunFolders.write(folder, "cats", 3, 9);
            watch.look(true);
            assertThat(events.kept()).extracting(each -> each.type()).contains("run");
            assertThat(events.kept().get(0).data().path("name").asText()).isEqualTo("cats");
            assertThat(events.kept().get(0).data().path("state").asText()).isEqualTo("failed");
        } finally {
            watch.close();
        }
    }

    @Test
    void aCommandLineCanBeTypedAgain() {
        assertThat(ChildCommand.typed("train", List.of("a=1", "optout.manifests=[x.csv]", "p=it's")))
                .isEqualTo("scripts/atelier train a=1 'optout.manifests=[x.csv]' 'p=it'\\''s'");
    }

    @Test
    void thisProgramIsStartedAsItWas() {
        assertThat(ChildCommand.ofThisProcess().words())
                .contains(ChildCommand.OWN_SESSION, "-cp", "atelier.cli.Atelier")
                .noneMatch(word -> word.startsWith("-javaagent"));
    }
}
