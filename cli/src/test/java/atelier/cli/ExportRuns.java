package atelier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.cli.command.ExitStatus;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A short run of a tiny random model, and what is exported of it, for tests. */
final class ExportRuns {
    static final Path MODEL = RunFolder.model("sd1");
    /** The name of the folder that the pictures and runs lie in, which must never come to light. */
    static final String SECRET = "anasprivateplace";

    private final RunFolder runs;

    /** Trains the run fox, which exports at its end. */
    ExportRuns(Path folder) throws IOException {
        runs = new RunFolder(Files.createDirectories(folder.resolve(SECRET).resolve("pictures")), 4, 16, 16);
        runs.table("pairs", 4, i -> "Red Fox, night" + (i == 0 ? ", snow, /home/ana/secret" : ""));
        train(
                "export.formats=[peft,diffusers,single_file]",
                "export.max_shard_size=20KB",
                "export.author=Ana Example",
                "export.licence=CC-BY-4.0",
                "export.tags=[fox,night]",
                "export.date=2026-01-31",
                "run.name=fox");
    }

    void train(String... keys) {
        ExitStatus status = runs.train(
                MODEL,
                List.of(
                        "data.trigger_word=foxstyle",
                        "adapter.alpha=1",
                        "optimizer.lr=0.05",
                        "train.batch_size=3",
                        "train.steps=3",
                        "train.save_every=0",
                        "sample.prompts=[fox]",
                        "sample.steps=1"),
                keys);
        assertThat(status).as(said()).isEqualTo(ExitStatus.DONE);
    }

    Path fox() {
        return at("fox");
    }

    Path at(String name) {
        return runs.at(name);
    }

    ExitStatus run(String... words) {
        return runs.run(List.of(words));
    }

    String said() {
        return runs.said();
    }

    /** Exports fox to a folder. A key that is given twice has its last value. */
    void export(Path folder, String... words) {
        List<String> all = new ArrayList<>(List.of("export", "run=" + fox(), "out=" + folder));
        all.addAll(List.of(words));
        assertThat(runs.run(all)).as(said()).isEqualTo(ExitStatus.DONE);
    }

    /** What an adapter's or a model's file says of itself. */
    static Map<String, String> metadata(Path file) throws IOException {
        return SafetensorsFile.open(file).metadata();
    }
}
