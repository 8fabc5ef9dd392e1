package atelier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.cli.command.ExitStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that look at data, on a small part of the bundled demonstration. */
class DatasetCommandsTest {
    private static final Path ROOT = Path.of(System.getProperty("atelier.root"));
    private static final Path DEMO = ROOT.resolve("datasets/demo");

    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private ExitStatus run(String... words) {
        Atelier atelier =
                new Atelier(ROOT, Commands.all(), new PrintStream(out, true), new PrintStream(err, true), false);
        List<String> all = new ArrayList<>(List.of(words));
        // With another table of its pictures.
        if (all.stream().anyMatch(word -> word.startsWith("data.pairs="))) {
            all.add("data=demo");
        }
        return atelier.run(all);
    }

    private String shown() {
        return out.toString(StandardCharsets.UTF_8);
    }

    /** The demonstration's first rows, and those of the pictures that its rules leave out. */
    private String pairs(String... more) throws IOException {
        List<String> rows = Files.readAllLines(DEMO.resolve("captions.csv"));
        List<String> some = new ArrayList<>(rows.subList(0, 6));
        rows.stream()
                .skip(6)
                .filter(row -> row.contains("shape-") || row.contains("1F512") || row.contains("1FAA3"))
                .forEach(some::add);
        some.addAll(List.of(more));
        return "data.pairs=" + Files.write(folder.resolve("captions.csv"), some);
    }

    @Test
    void optOutCheckWritesTheLedgerThatTrainingWrites() throws IOException {
        assertThat(run("optout", "check", pairs(), "out=" + folder.resolve("check")))
                .as(err.toString(StandardCharsets.UTF_8))
                .isEqualTo(ExitStatus.DONE);
        assertThat(shown())
                .contains("13 pictures: 5 included, 8 excluded, 0 failed")
                .contains("(sha256)", "(licence)");
        assertThat(Files.readAllLines(folder.resolve("check/ledger.csv"))).hasSize(14);
        assertThat(folder.resolve("check/credits.md"))
                .content()
                .contains("| 1F435.png | Sofie Ascherl | CC-BY-SA-4.0 | https://openmoji.org/library/emoji-1F435/ |");
    }

    @Test
    void aFinishedLedgerIsCheckedAgainstItsDigest() throws IOException {
        Path check = folder.resolve("check");
        run("optout", "check", pairs(), "out=" + check);
        assertThat(run("optout", "check", "verify=" + check)).isEqualTo(ExitStatus.DONE);
        assertThat(shown()).contains("ledger.csv is as it was written (sha256 ");
        Path csv = check.resolve("ledger.csv");
        Files.writeString(csv, Files.readString(csv).replaceFirst("included", "excluded"));
        assertThat(run("optout", "check", "verify=" + check)).isEqualTo(ExitStatus.REFUSED);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("it differs from its digest in ledger.json");
        assertThat(run("optout", "check", "verify=" + folder)).isEqualTo(ExitStatus.WRONG);
    }

    @Test
    void aListThatIsNotThereIsRefused() throws IOException {
        assertThat(run("optout", "check", pairs(), "optout.manifests=" + folder.resolve("lost.jsonl"), "out=" + folder))
                .isEqualTo(ExitStatus.REFUSED);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .startsWith("error: refused: ")
                .contains("lost.jsonl");
    }

    @Test
    void aCompiledListGivesTheSameVerdicts() throws IOException {
        Path list = folder.resolve("compiled.list");
        assertThat(run("optout", "build", "optout.manifests=" + DEMO.resolve("optout.jsonl"), "out=" + list))
                .isEqualTo(ExitStatus.DONE);
        assertThat(run("optout", "check", pairs(), "optout.manifests=" + list, "out=" + folder.resolve("check")))
                .isEqualTo(ExitStatus.DONE);
        assertThat(shown()).contains("13 pictures: 5 included, 8 excluded, 0 failed");
    }

    @Test
    void datasetCheckNamesWhatIsAmissAndEndsWithOne() throws IOException {
        String sound = pairs();
        assertThat(run("dataset", "check", sound, "out=" + folder.resolve("check")))
                .isEqualTo(ExitStatus.DONE);
        Files.writeString(folder.resolve("broken.png"), "no picture");
        String broken = pairs(folder.resolve("broken.png") + ",a cat,Somebody,CC0-1.0,https://example.org/");
        assertThat(run("dataset", "check", broken, "out=" + folder.resolve("check")))
                .isEqualTo(ExitStatus.FAILED);
        assertThat(shown()).contains("broken.png").contains("1 failed");
    }

    @Test
    void datasetCheckNamesCaptionsThatAreCut() throws IOException {
        String image = Files.readAllLines(DEMO.resolve("captions.csv")).get(1).split(",", 2)[0];
        String pairs = pairs(image + "," + "word ".repeat(80).strip() + ",Somebody,CC0-1.0,https://example.org/");
        assertThat(run("dataset", "check", pairs, "out=" + folder.resolve("check")))
                .isEqualTo(ExitStatus.DONE);
        assertThat(shown())
                .contains("the caption has 80 tokens, of which the last 5 are cut")
                .contains("set data.max_token_length=150");
        out.reset();
        run("dataset", "check", pairs, "data.max_token_length=150", "out=" + folder.resolve("check"));
        assertThat(shown()).doesNotContain("are cut");
    }

    @Test
    void datasetHashPrintsDigests() throws IOException {
        assertThat(run("dataset", "hash", pairs())).isEqualTo(ExitStatus.DONE);
        assertThat(shown().lines()).hasSize(14).first().isEqualTo("image,sha256,pdq,pdq_quality");
        assertThat(shown()).contains("db69ad077f36fdd2bb1a9478e28a566bef54bb51d2c94ced2efde1953ee0363c");
    }

    @Test
    void datasetStatsWritesPageAndMetadata() throws IOException {
        assertThat(run("dataset", "stats", pairs(), "out=" + folder.resolve("stats")))
                .isEqualTo(ExitStatus.DONE);
        assertThat(shown()).contains("13 images, 13 of them usable");
        assertThat(folder.resolve("stats/dataset.html")).content().contains("<!doctype html>");
        assertThat(folder.resolve("stats/croissant.json")).content().contains("mlcommons");
        assertThat(Files.readAllLines(folder.resolve("stats/ledger.csv"))).hasSize(14);
        assertThat(folder.resolve("stats/training-summary.md"))
                .content()
                .contains("5 images (less than 1 million)", "5 included, 8 excluded", "to 128 x 128 pixels");
    }
}
