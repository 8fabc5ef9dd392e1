package atelier.cli.moving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.cli.command.GatedTraining;
import atelier.cli.config.Composer;
import atelier.cli.config.Composition;
import atelier.cli.config.ConfigFolder;
import atelier.common.error.WrongCommandException;
import atelier.trainer.run.TrainingSettings;
import com.google.common.base.Splitter;
import com.google.common.io.Resources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Ten configurations of each program: every key is accounted for, and what is written composes to a training. */
class ImportTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final ConfigFolder CONFIGS = new ConfigFolder(ROOT);

    @TempDir
    Path folder;

    /** A configuration of a resource file, by its name there. */
    record Example(String program, String name, String text) {
        @Override
        public String toString() {
            return program + " " + name;
        }
    }

    static Stream<Example> examples() throws IOException {
        Stream<Example> all = Stream.of();
        for (String program : List.of("sd-scripts", "kohya_ss", "onetrainer", "ai-toolkit", "simpletuner")) {
            String text = Resources.toString(
                    Resources.getResource(ImportTest.class, "configs/" + program + ".txt"), StandardCharsets.UTF_8);
            List<String> parts = Splitter.on("### ").omitEmptyStrings().splitToList(text);
            assertThat(parts).as(program).hasSize(10);
            all = Stream.concat(all, parts.stream().map(part -> {
                int line = part.indexOf('\n');
                return new Example(program, part.substring(0, line).strip(), part.substring(line + 1));
            }));
        }
        return all;
    }

    @BeforeEach
    void files() throws IOException {
        for (int i = 0; i < 6; i++) {
            write("pictures/" + i + ".png", "x");
            write("pictures/" + i + ".txt", "a drawing");
        }
        write("class/1.png", "x");
        write("class/1.txt", "a picture");
        for (String model : List.of("sd15", "sd21", "sdxl", "vae")) {
            write(model + ".safetensors", "x");
        }
        write(
                "sets.toml",
                "[[datasets]]\nresolution = 1024\nbatch_size = 2\nenable_bucket = true\n"
                        + "[[datasets.subsets]]\nimage_dir = \"pictures\"\nnum_repeats = 2\n");
        write("meta.json", "{\"0\": {\"caption\": \"a boat\"}}");
        write("concepts.json", "[{\"name\": \"ink\", \"path\": \"pictures\"}]");
        write(
                "backend.json",
                "[{\"id\": \"ink\", \"type\": \"local\", \"instance_data_dir\": \"" + folder.resolve("pictures")
                        + "\", \"caption_strategy\": \"textfile\", \"repeats\": 1, \"crop\": true, \"crop_aspect\": \"square\"},"
                        + "{\"id\": \"text\", \"dataset_type\": \"text_embeds\", \"type\": \"local\"}]");
        write(
                "lycoris.json",
                "{\"algo\": \"lokr\", \"multiplier\": 1.0, \"linear_dim\": 10000, \"linear_alpha\": 1, \"factor\": 16,"
                        + "\"apply_preset\": {\"target_module\": [\"Attention\"]}}");
        write("library.json", "{\"boat\": \"an ink boat\", \"house\": \"an ink house\"}");
        write("prompts.txt", "# two\nan ink boat --n photo --w 512 --l 7.5 --s 28\nan ink house\n");
    }

    private void write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    /** Writes the example, imports it, and gives the experiment's text. */
    private String imported(Example example) throws IOException {
        Path source = folder.resolve(example.name());
        Files.writeString(source, example.text().replace("@/", folder + "/"));
        Import.write(List.of(source.toString()), folder.resolve("out.conf"), ROOT);
        return Files.readString(folder.resolve("out.conf"));
    }

    private TrainingSettings composed() throws IOException {
        List<String> words = new ArrayList<>(List.of("experiment=" + folder.resolve("out.conf"), "licence.mode=open"));
        if (Files.readString(folder.resolve("out.conf")).contains("data.pairs = null")) {
            words.add("data.pairs=" + folder.resolve("pictures"));
        }
        Composition composition = new Composer(CONFIGS).compose("train", words);
        return composition.bind(GatedTraining.class).training();
    }

    @ParameterizedTest
    @MethodSource("examples")
    void everyKeyIsAccountedForAndTheExperimentComposes(Example example) throws IOException {
        String text = imported(example);
        ForeignSettings theirs =
                ForeignReader.read(List.of(folder.resolve(example.name()).toString()));
        for (String key : theirs.keys()) {
            String last = key.substring(key.lastIndexOf('.') + 1);
            assertThat(text).as(key).containsPattern("taken over|" + Pattern.quote(key));
            assertThat(text.contains(key) || text.contains("." + last + " = "))
                    .as(key)
                    .isTrue();
        }
        assertThat(composed().train().steps()).isPositive();
    }

    @Test
    void sdScriptsValuesArriveAtTheirPlaces() throws IOException {
        String text = imported(example("sd-scripts", "sections.toml"));
        TrainingSettings settings = composed();
        assertThat(settings.adapter().rank()).isEqualTo(16);
        assertThat(settings.adapter().alpha()).isEqualTo(8);
        assertThat(settings.adapter().textEncoders()).isTrue();
        assertThat(settings.optimizer().textEncoderLr()).isEqualTo(5e-5);
        assertThat(settings.data().bucketUpscale()).isFalse();
        assertThat(settings.train().seed()).isEqualTo(42);
        // 6 images, 2 x 2 a step: 2 steps an epoch.
        assertThat(settings.train().steps()).isEqualTo(20);
        assertThat(settings.schedule().warmup()).isEqualTo(2);
        assertThat(settings.train().saveEvery()).isEqualTo(4);
        assertThat(text)
                .contains(
                        "# same as network_dim\nadapter.rank = 16",
                        "# max_train_epochs: 10 epochs of 6 images, 4 a step\ntrain.steps = 20")
                .contains("#   xformers = true: attention is chosen for the machine");
    }

    @Test
    void whatHasNoCounterpartIsNamedWithWhatToDo() throws IOException {
        String text = imported(example("sd-scripts", "prior.toml"));
        assertThat(text.substring(text.indexOf("# No counterpart:")))
                .contains("#   color_aug = true: colours belong to a style and stay")
                .contains("#   clip_skip = 2: ");
        assertThat(composed().objective().priorLossWeight()).isEqualTo(0.5);
    }

    @Test
    void setsOfImagesAreWrittenBesideTheExperiment() throws IOException {
        imported(example("ai-toolkit", "trigger.yaml"));
        assertThat(Files.readString(folder.resolve("out-sets.toml")))
                .contains("image_dir = \"" + folder.resolve("pictures") + "\"")
                .contains("class_tokens = \"a drawing\"", "num_repeats = 3", "flip_aug = true");
        TrainingSettings settings = composed();
        assertThat(settings.data().pairs()).isEqualTo(folder.resolve("out-sets.toml"));
        assertThat(settings.data().triggerWord()).isEqualTo("inkstyle");
        assertThat(settings.sample().prompts()).containsExactly("inkstyle, a boat");
    }

    @Test
    void aConfigurationOfAnotherKindOfModelIsRefused() throws IOException {
        write("flux.yaml", "config: {process: [{model: {name_or_path: x, arch: flux}}]}");
        assertThatThrownBy(() ->
                        Import.write(List.of(folder.resolve("flux.yaml").toString()), folder.resolve("out.conf"), ROOT))
                .isInstanceOf(WrongCommandException.class)
                .hasMessage(
                        "model.arch = flux: Atelier trains Stable Diffusion 1.x, 2.x and XL; this configuration is of"
                                + " another model");
        assertThat(folder.resolve("out.conf")).doesNotExist();
        write("list.json", "{\"a\": 1}");
        assertThatThrownBy(
                        () -> Import.write(List.of(folder.resolve("list.json").toString()), null, ROOT))
                .hasMessageContaining("list.json: is no configuration of sd-scripts");
        write("broken.toml", "a = \n");
        assertThatThrownBy(
                        () -> Import.write(List.of(folder.resolve("broken.toml").toString()), null, ROOT))
                .hasMessageStartingWith("broken.toml line 1: cannot be read");
        assertThatThrownBy(() -> Import.write(List.of("nowhere.toml"), null, ROOT))
                .hasMessageContaining("does not exist");
    }

    @Test
    void aFileThatIsThereIsNotOverwritten() throws IOException {
        write("out.conf", "mine");
        assertThatThrownBy(() -> imported(example("sd-scripts", "plain.toml")))
                .hasMessageContaining("is there already; move it, or choose out=OTHER.conf");
        assertThat(Files.readString(folder.resolve("out.conf"))).isEqualTo("mine");
    }

    @Test
    void aCommandLineIsTakenApartAsAShellDoes() {
        assertThat(CommandWords.of("a \"b c\" 'd \"e\"' f\\ g \\\n--h=\"i j\""))
                .containsExactly("a", "b c", "d \"e\"", "f g", "--h=i j");
    }

    private static Example example(String program, String name) throws IOException {
        return examples()
                .filter(each -> each.program().equals(program) && each.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
