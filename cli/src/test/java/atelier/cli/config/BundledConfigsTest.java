package atelier.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.cli.command.GatedTraining;
import atelier.trainer.run.TrainingSettings;
import com.typesafe.config.ConfigUtil;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The files under configs/, as they are shipped. */
class BundledConfigsTest {
    private static final ConfigFolder FOLDER = new ConfigFolder(Path.of(System.getProperty("atelier.root")));

    static Stream<String> files() {
        return Stream.concat(
                FOLDER.options("").stream().map(name -> "/" + name),
                FOLDER.groups().stream()
                        .flatMap(group -> FOLDER.options(group).stream().map(name -> group + "/" + name)));
    }

    static List<String> experiments() {
        return FOLDER.options("experiment");
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyKeyHasItsMeaningInTheLineAboveIt(String file) {
        int slash = file.lastIndexOf('/');
        ConfigFile read = FOLDER.read(file.substring(0, slash), file.substring(slash + 1), "a test");
        Set<String> leaves =
                new TreeSet<>(new KeyTree(read.content().root()).leaves().keySet());
        Map<String, String> comments = read.comments();
        leaves.removeIf(comments::containsKey);
        assertThat(leaves).as("keys without a comment in " + file).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("experiments")
    void everyExperimentChangesOnlyKeysThatTrainHas(String experiment) {
        Composer composer = new Composer(FOLDER);
        Set<String> known = composer.compose("train", List.of()).values().keySet();
        Composition composed = composer.compose("train", List.of("experiment=" + experiment));
        composed.check();
        assertThat(known).containsAll(composed.values().keySet());
    }

    /** A subject, a model and a machine at a time. */
    static List<String> recipes() {
        List<String> recipes = new ArrayList<>();
        for (String subject : List.of("style", "character", "concept")) {
            for (String model : List.of("sd15_512", "sd21_768")) {
                for (String machine : List.of("gpu_8gb", "gpu_24gb", "cpu")) {
                    recipes.add("[" + subject + "," + model + "," + machine + "]");
                }
            }
        }
        return recipes;
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void everyRecipeIsReadyToRun(String recipe) {
        TrainingSettings settings = new Composer(FOLDER)
                .compose(
                        "train",
                        List.of("experiment=" + recipe, "model.path=/models/a.safetensors", "data.pairs=/pictures"))
                .bind(GatedTraining.class)
                .training();
        assertThat(settings.train().steps()).isEqualTo(recipe.contains("cpu") ? 500 : 1500);
        assertThat(settings.data().resolution()).isBetween(256, 768);
        assertThat(settings.device()).isEqualTo(recipe.contains("gpu") ? "cuda" : "cpu");
        assertThat(settings.adapter().rank())
                .isEqualTo(recipe.contains("style") ? 16 : recipe.contains("concept") ? 4 : 8);
    }

    @Test
    void helpSaysTypeDefaultAndMeaningOfEveryKeyOfTrain() {
        Composition composed = new Composer(FOLDER).compose("train", List.of());
        List<Help.Line> lines = Help.lines(composed, GatedTraining.class);
        assertThat(lines).hasSizeGreaterThan(120);
        for (Help.Line line : lines) {
            assertThat(line.type()).as(line.key()).isNotBlank();
            assertThat(line.value()).as(line.key()).isNotEqualTo("(missing)");
            assertThat(line.meaning()).as(line.key()).isNotBlank();
        }
        String page = Help.page(FOLDER, composed, GatedTraining.class);
        assertThat(page).contains("validation.fraction = 0  (number)", "data.mask = none  (none | alpha | file)");
    }

    @Test
    void experimentsCombine() {
        Composition composed = new Composer(FOLDER)
                .compose("train", List.of("experiment=[style,sd15_512,gpu_8gb]", "model.path=/models/sd15"));
        composed.check();
        assertThat(composed.text("adapter.targets")).contains("resnets");
        assertThat(composed.text("data.resolution")).isEqualTo("512");
        assertThat(composed.text("model.dtype")).isEqualTo("fp16");
        assertThat(composed.choices()).containsEntry("data", List.of("folder"));
    }

    @Test
    void noGroupsNameIsAKeyOfItsOwn() {
        Map<String, ?> values = new Composer(FOLDER).compose("train", List.of()).values();
        assertThat(values.keySet())
                .doesNotContainAnyElementsOf(
                        FOLDER.groups().stream().map(ConfigUtil::joinPath).toList());
    }
}
