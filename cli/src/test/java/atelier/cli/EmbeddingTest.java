package atelier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.cli.embedding.DrawImage;
import atelier.cli.embedding.JudgeImages;
import atelier.cli.embedding.TrainAdapter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs of docs/embedding.md: the page holds their very text, and each does what the page says. */
class EmbeddingTest {
    private static final Path ROOT = Path.of(System.getProperty("atelier.root"));
    private static final Path PAGE = ROOT.resolve("docs/embedding.md");
    private static final Path SOURCES = ROOT.resolve("cli/src/test/java/atelier/cli/embedding");
    private static final Path BASE = ROOT.resolve("checkpoints/base");
    private static final Pattern PROGRAM = Pattern.compile("(?ms)(?<=^```java\n).*?class (\\w+) \\{.*?(?=^```$)");

    @TempDir
    Path folder;

    @Test
    void thePageHoldsTheProgramsThatAreRunHere() throws IOException {
        String page = Files.readString(PAGE);
        String now = PROGRAM.matcher(page).replaceAll(found -> Matcher.quoteReplacement(source(found)));
        if (Boolean.getBoolean("atelier.write")) {
            Files.writeString(PAGE, now);
        }
        assertThat(PROGRAM.matcher(page).results().map(found -> found.group(1)))
                .containsExactly("JudgeImages", "DrawImage", "TrainAdapter");
        assertThat(PAGE)
                .as(
                        "docs/embedding.md differs from the programs in %s; write them into it:"
                                + " mvn -pl cli -am test -Dtest=EmbeddingTest -Dsurefire.failIfNoSpecifiedTests=false"
                                + " -Datelier.write=true",
                        ROOT.relativize(SOURCES))
                .hasContent(now);
    }

    /** A program's file from its imports on. */
    private static String source(MatchResult found) {
        try {
            String text = Files.readString(SOURCES.resolve(found.group(1) + ".java"));
            return text.substring(text.indexOf("import "));
        } catch (IOException e) {
            throw new AssertionError("docs/embedding.md shows a program that is not in " + SOURCES, e);
        }
    }

    @Test
    void judgingWritesAVerdictForEachImage() throws IOException {
        JudgeImages.main(new String[] {
            table(List.of("1F435", "1F98D")).toString(),
            Files.writeString(
                            folder.resolve("optout.jsonl"),
                            "{\"kind\": \"url\", \"value\": \"https://openmoji.org/library/emoji-1F435/\"}\n")
                    .toString(),
            folder.toString()
        });
        assertThat(Files.readAllLines(folder.resolve("ledger.csv")))
                .hasSize(3)
                .satisfies(lines -> assertThat(lines.get(1)).contains("1F435.png", "excluded,url"))
                .satisfies(lines -> assertThat(lines.get(2)).contains("1F98D.png", "included,licence"));
    }

    @Test
    void drawingWritesAnImageOfTheModelsSize() throws IOException {
        Path image = folder.resolve("apple.png");
        DrawImage.main(new String[] {BASE.toString(), "red apple", image.toString()});
        assertThat(ImageIO.read(image.toFile()).getWidth()).isEqualTo(128);
    }

    @Test
    void trainingLeavesAnAdapter() throws Exception {
        TrainAdapter.main(new String[] {
            ROOT.toString(),
            "data.pairs=" + table(List.of("1F435", "1F98D", "1F436", "1F43A")),
            "data.images=" + folder,
            "optout.manifests=[]",
            "device=cpu",
            "train.steps=2",
            "train.batch_size=2",
            "train.cache_dir=" + folder.resolve("cache"),
            "export.merged=false",
            "run.dir=" + folder,
            "run.name=emoji"
        });
        assertThat(folder.resolve("emoji/adapter.safetensors")).isRegularFile();
        assertThat(folder.resolve("emoji/ledger.csv")).isRegularFile();
    }

    /** A table of demonstration images, with the images beside it. */
    private Path table(List<String> names) throws IOException {
        Path demo = ROOT.resolve("datasets/demo");
        Files.createDirectories(folder.resolve("images"));
        for (String name : names) {
            Files.copy(demo.resolve("images/" + name + ".png"), folder.resolve("images/" + name + ".png"));
        }
        String rows = Files.readAllLines(demo.resolve("captions.csv")).stream()
                .filter(line -> line.startsWith("image,") || names.stream().anyMatch(line::contains))
                .collect(Collectors.joining("\n"));
        return Files.writeString(folder.resolve("captions.csv"), rows + "\n");
    }
}
