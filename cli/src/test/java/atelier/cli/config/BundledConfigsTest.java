package atelier.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigUtil;
import java.nio.file.Path;
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
