package atelier.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComposerTest {
    @Test
    void defaultsListsComposeTheCommandsOwnFileAndItsGroups() {
        Tree.Settings settings = Tree.settings();
        assertThat(settings.train().steps()).isEqualTo(200);
        assertThat(settings.model().dtype()).isEqualTo(Tree.Dtype.FP32);
        assertThat(settings.adapter().targets()).containsExactly(Tree.Target.ATTENTION, Tree.Target.FEED_FORWARD);
        assertThat(settings.resume()).isNull();
    }

    @Test
    void substitutionsFollowOverridesBecauseTheyAreResolvedLast() {
        assertThat(Tree.settings("train.steps=70").train().saveEvery()).isEqualTo(70);
    }

    @Test
    void anOptionBuildsOnAnotherOfItsGroup() {
        Tree.Settings settings = Tree.settings("model=large");
        assertThat(settings.model().path()).isEqualTo(Path.of("/models/sd15"));
        assertThat(settings.model().dtype()).isEqualTo(Tree.Dtype.FP32);
    }

    @Test
    void anExperimentAfterSelfWinsAndTheCommandLineWinsOverIt() {
        assertThat(Tree.settings("experiment=long").train().steps()).isEqualTo(400);
        assertThat(Tree.settings("experiment=long", "train.steps=5").train().steps())
                .isEqualTo(5);
    }

    @Test
    void anExperimentChangesWhichOptionAnotherGroupTakesAndTheCommandLineWinsOverIt() {
        assertThat(Tree.compose("experiment=big").choices()).containsEntry("model", List.of("large"));
        assertThat(Tree.settings("experiment=big").adapter().rank()).isEqualTo(64);
        assertThat(Tree.compose("experiment=big", "model=tiny").choices()).containsEntry("model", List.of("tiny"));
    }

    @Test
    void aKeyThatIsGivenBringsOtherOptionsUnlessTheyAreAskedFor() {
        Composition given = Tree.compose("data.manifests=[own.csv]");
        assertThat(given.choices()).containsEntry("data", List.of("none"));
        assertThat(given.text("data.pairs")).isEqualTo("none.csv");
        assertThat(given.text("data.manifests")).isEqualTo("[own.csv]");
        assertThat(Tree.compose("data.manifests=[own.csv]", "data=demo").choices())
                .containsEntry("data", List.of("demo"));
        assertThat(Tree.compose().choices()).containsEntry("data", List.of("demo"));
    }

    @Test
    void severalOptionsOfOneGroupComposeInOrder() {
        Tree.Settings settings = Tree.settings("experiment=[long,big]");
        assertThat(settings.train().steps()).isEqualTo(400);
        assertThat(settings.adapter().rank()).isEqualTo(64);
    }

    @Test
    void plusAddsAnEntryAndTildeTakesOneAway() {
        assertThat(Tree.settings("+adapter.ranks.down=4").adapter().ranks()).isEqualTo(Map.of("down", 4));
        assertThat(Tree.settings("+adapter.ranks.\"down.*\"=4", "~resume")
                        .adapter()
                        .ranks())
                .isEqualTo(Map.of("down.*", 4));
        assertThatThrownBy(() -> Tree.settings("~train.steps"))
                .hasMessageContaining("override '~train.steps'")
                .hasMessageContaining("train.steps must not be null");
    }

    @Test
    void aUsersOwnFileIsAnOption(@TempDir Path folder) throws IOException {
        Path own = folder.resolve("mine.conf");
        Files.writeString(own, "data.pairs = /home/me/captions.csv\ndata.manifests = []\n");
        assertThat(Tree.settings("data=" + own).data().pairs()).isEqualTo(Path.of("/home/me/captions.csv"));
    }

    @Test
    void pathsInFilesStartFromTheRootAndOverridesFromWhereTheUserStands() {
        assertThat(Tree.settings().model().path()).isEqualTo(Tree.root().resolve("checkpoints/base"));
        assertThat(Tree.settings("model.path=mine").model().path()).isEqualTo(Path.of("mine"));
        assertThat(Tree.settings("data.manifests=[a.csv]").data().manifests()).containsExactly(Path.of("a.csv"));
        assertThat(Tree.settings("model.path=~/m").model().path())
                .isEqualTo(Path.of(System.getProperty("user.home"), "m"));
    }

    @Test
    void oneValueStandsForAListOfOne() {
        assertThat(Tree.settings("data.manifests=a.csv").data().manifests()).containsExactly(Path.of("a.csv"));
        assertThat(Tree.settings("adapter.targets=resnets").adapter().targets()).containsExactly(Tree.Target.RESNETS);
    }

    @Test
    void anIncludeOfAMissingFileIsAnError(@TempDir Path root) throws IOException {
        Files.createDirectories(root.resolve("configs"));
        Files.writeString(root.resolve("configs/train.conf"), "include \"lost.conf\"\na = 1\n");
        Composer composer = new Composer(new ConfigFolder(root));
        assertThatThrownBy(() -> composer.compose("train", List.of()).check())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("configs/train.conf")
                .hasMessageContaining("lost.conf");
    }

    @Test
    void aSubstitutionOfAnUnknownKeySaysFileAndLine(@TempDir Path root) throws IOException {
        Files.createDirectories(root.resolve("configs"));
        Files.writeString(root.resolve("configs/train.conf"), "a = 1\nb = ${c}\n");
        Composer composer = new Composer(new ConfigFolder(root));
        assertThatThrownBy(() -> composer.compose("train", List.of()).check())
                .hasMessageContaining("configs/train.conf: 2");
    }

    @Test
    void aCircleOfDefaultsIsAnError(@TempDir Path root) throws IOException {
        Files.createDirectories(root.resolve("configs"));
        Files.writeString(root.resolve("configs/train.conf"), "defaults = [ other ]\n");
        Files.writeString(root.resolve("configs/other.conf"), "defaults = [ train ]\n");
        Composer composer = new Composer(new ConfigFolder(root));
        assertThatThrownBy(() -> composer.compose("train", List.of()).check()).hasMessageContaining("builds on itself");
    }

    @Test
    void aSavedRunStartsAgainWithTheSameSettingsFromAnyFolder(@TempDir Path folder) throws IOException {
        Composition asked = Tree.compose("experiment=big", "data.pairs=mine.csv", "train.rate=0.5");
        asked.save(folder, Tree.Settings.class);
        assertThat(folder).isDirectoryContaining("glob:**choices.conf").isDirectoryContaining("glob:**overrides.conf");
        Composer composer = new Composer(new ConfigFolder(Tree.root()));
        Composition again = composer.rerun(folder, List.of("train.steps=9"));
        Tree.Settings settings = again.bind(Tree.Settings.class);
        assertThat(settings.data().pairs())
                .isEqualTo(Path.of("mine.csv").toAbsolutePath().normalize());
        assertThat(settings.adapter().rank()).isEqualTo(64);
        assertThat(settings.train().rate()).isEqualTo(0.5);
        assertThat(settings.train().steps()).isEqualTo(9);
        assertThat(again.choices()).containsEntry("model", List.of("large"));
        assertThatThrownBy(() -> composer.rerun(folder, List.of("model=tiny")).check())
                .hasMessageContaining("groups cannot be chosen");
    }

    @Test
    void aSweepIsTheProductWithTheLastKeyFastest() {
        List<Sweep.Job> jobs =
                Sweep.jobs(List.of("adapter.rank=4,8", "device=cpu", "adapter.targets=[attention,resnets]", "a=x,y"));
        assertThat(jobs)
                .extracting(Sweep.Job::label)
                .containsExactly(
                        "adapter.rank=4,a=x", "adapter.rank=4,a=y", "adapter.rank=8,a=x", "adapter.rank=8,a=y");
        assertThat(jobs.get(3).changes())
                .containsExactly("adapter.rank=8", "device=cpu", "adapter.targets=[attention,resnets]", "a=y");
        assertThat(Sweep.jobs(List.of("prompt=\"a, b\""))).hasSize(1);
    }

    @Test
    void overridesAreTextUnlessTheyAreNumbersOrLists() {
        assertThat(Tree.compose("device=a: cat {sitting}, #1 ${x}").text("device"))
                .isEqualTo("a: cat {sitting}, #1 ${x}");
        assertThat(Tree.compose("device=007").text("device")).isEqualTo("007");
        assertThat(Tree.compose("data.manifests=[a:0.5, \"b,c\"]").text("data.manifests"))
                .isEqualTo("[a:0.5, b,c]");
    }

    @Test
    void helpListsEveryKeyWithTypeDefaultAndMeaning() {
        List<Help.Line> lines = Help.lines(Tree.compose(), Tree.Settings.class);
        assertThat(lines)
                .hasSize(15)
                .allSatisfy(line -> assertThat(line.meaning()).isNotBlank());
        assertThat(lines)
                .contains(new Help.Line("adapter.method", "lora | locon | dora", "lora", "Method."))
                .contains(new Help.Line("resume", "path or null", "null", "A run's folder to go on from."));
        assertThat(Help.page(new ConfigFolder(Tree.root()), Tree.compose(), Tree.Settings.class))
                .contains("model        large  [tiny]");
    }
}
