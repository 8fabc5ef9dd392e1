package atelier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Field case 3: no result depends on a locale. */
class LocaleTest {
    @TempDir
    Path folder;

    /** Java itself reads every letter beyond ASCII as a question mark there, and no list holds "Jos?". */
    @EnabledOnOs(OS.LINUX)
    @ParameterizedTest
    @ValueSource(strings = {"C", "POSIX"})
    void aNameIsRefusedWhateverTheLocaleSays(String locale) throws Exception {
        Path list = Files.writeString(folder.resolve("list.csv"), "kind,value\ncreator,Jos\u00e9 Ejemplo\n");
        TinyRuns runs = new TinyRuns(folder, "sd1", 16, 16);
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Datelier.root=" + System.getProperty("atelier.root"),
                "-cp",
                System.getProperty("java.class.path"),
                "atelier.cli.Atelier",
                "generate",
                "prompt=in the style of Jos\u00e9 Ejemplo",
                "model.path=" + runs.model,
                "optout.manifests=[" + list + "]",
                "out=" + folder.resolve("out")));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("LC_ALL", locale);
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isEqualTo(3);
        assertThat(said).contains("jos\u00e9 ejemplo", "list.csv line 2");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void theWordsOfACommandLineAreItsLast() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (String word :
                List.of("java", "-cp", "a b", "atelier.cli.Atelier", "train", "run.name=\u00f1and\u00fa", "")) {
            line.write(word.getBytes(StandardCharsets.UTF_8));
            line.write(0);
        }
        assertThat(TypedWords.last(3, line.toByteArray())).containsExactly("train", "run.name=\u00f1and\u00fa", "");
        assertThat(TypedWords.last(0, line.toByteArray())).isEmpty();
    }

    /** Digits, decimal points, capital letters: Arabic, Hindi, German and Turkish have others. */
    @ParameterizedTest
    @ValueSource(strings = {"tr-TR", "ar-EG-u-nu-arab", "de-DE", "hi-IN-u-nu-deva"})
    void filesAndMessagesAreTheSameInEveryLocale(String tag) throws IOException {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.ROOT);
            Map<String, String> expected = written("root");
            Locale.setDefault(Locale.forLanguageTag(tag));
            assertThat(written(tag)).isEqualTo(expected);
        } finally {
            Locale.setDefault(before);
        }
    }

    /** All text files that a training and statistics of its data leave, and what was said, without the folder's name. */
    private Map<String, String> written(String name) throws IOException {
        Path own = Files.createDirectory(folder.resolve(name));
        TinyRuns runs = new TinyRuns(own, "sd1", 16, 16);
        runs.train("run");
        Map<String, String> texts = new TreeMap<>();
        try (Stream<Path> files = Files.walk(own)) {
            for (Path file : files.filter(LocaleTest::isText).toList()) {
                String text = Files.readString(file).replace(own.toString(), "HERE");
                // Times, memory and their like differ from run to run.
                texts.put(
                        own.relativize(file).toString(),
                        text.replaceAll("[0-9a-f]{32,}", "digest").replaceAll("[0-9]+(E-?[0-9]+)?", "9"));
            }
        }
        return texts;
    }

    private static boolean isText(Path file) {
        return file.toString().matches(".*\\.(csv|json|md|conf|txt)");
    }
}
