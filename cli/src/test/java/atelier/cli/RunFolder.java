package atelier.cli;

import atelier.cli.command.Command;
import atelier.cli.command.ExitStatus;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import javax.imageio.ImageIO;

/** A folder with random pictures, their table and an opt-out list, and the commands called on it, for tests. */
final class RunFolder {
    static final Path ROOT = Path.of(System.getProperty("atelier.root", "..")).toAbsolutePath();

    private final Path folder;
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private List<Command> commands = Commands.all();

    /** Writes pairs.csv with so many opaque pictures, and optout.jsonl, which opts none of them out. */
    RunFolder(Path folder, int pictures, int width, int height) throws IOException {
        this.folder = folder;
        pictures("pairs", pictures, width, height, 5, false);
        Files.writeString(folder.resolve("optout.jsonl"), """
                {"id": "1", "kind": "domain", "value": "example.net", "subdomains": true}
                """);
    }

    /** A tiny random model: sd1, sd2, odd or sdxl. */
    static Path model(String name) {
        return ROOT.resolve("diffusion/src/test/resources/golden/models").resolve(name);
    }

    /** Pictures NAME0.png, NAME1.png, ... and their table NAME.csv. */
    void pictures(String name, int count, int width, int height, long seed, boolean transparent) throws IOException {
        Random random = new Random(seed);
        int type = transparent ? BufferedImage.TYPE_INT_ARGB : BufferedImage.TYPE_INT_RGB;
        for (int i = 0; i < count; i++) {
            BufferedImage picture = new BufferedImage(width, height, type);
            for (int p = 0; p < width * height; p++) {
                int alpha = transparent && p % width < width / 2 ? 0 : 255;
                picture.setRGB(p % width, p / width, alpha << 24 | random.nextInt(1 << 24));
            }
            ImageIO.write(picture, "png", folder.resolve(name + i + ".png").toFile());
        }
        table(name, count, i -> "picture " + i);
    }

    /** Writes NAME.csv anew, with other captions. */
    void table(String name, int count, IntFunction<String> caption) throws IOException {
        List<String> rows = new ArrayList<>(List.of("image,caption,creator,licence,source"));
        for (int i = 0; i < count; i++) {
            rows.add(name + i + ".png,\"" + caption.apply(i) + "\",Example Artist,CC0-1.0,https://example.org/" + i);
        }
        Files.write(folder.resolve(name + ".csv"), rows);
    }

    /** Trains on pairs.csv; each of {@code keys} takes the place of the one of its name. */
    ExitStatus train(Path model, List<String> defaults, String... keys) {
        List<String> words = new ArrayList<>(List.of(
                "train",
                "model.path=" + model,
                "device=cpu",
                "data.pairs=" + folder.resolve("pairs.csv"),
                "data.images=" + folder,
                "data.resolution=16",
                "optout.manifests=[" + folder.resolve("optout.jsonl") + "]",
                "model.dtype=fp32",
                "train.gradient_accumulation=1",
                "export.merged_dtype=fp32",
                "adapter.rank=2",
                "adapter.alpha=2",
                "train.sample_every=0",
                "train.batch_size=2",
                "train.cache_dir=" + folder.resolve("cache"),
                "run.dir=" + folder.resolve("runs")));
        words.addAll(defaults);
        for (String key : keys) {
            String start = key.substring(0, key.indexOf('=') + 1);
            words.removeIf(word -> word.startsWith(start));
            words.add(key);
        }
        return run(words);
    }

    /** Other commands than the product's. */
    void commands(List<Command> others) {
        commands = List.copyOf(others);
    }

    ExitStatus run(List<String> words) {
        err.reset();
        PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
        return new Atelier(ROOT, commands, stream, stream, false).run(words);
    }

    /** What the last command said. */
    String said() {
        return err.toString(StandardCharsets.UTF_8);
    }

    /** A run's folder. */
    Path at(String name) {
        return folder.resolve("runs").resolve(name);
    }
}
