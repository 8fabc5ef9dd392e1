package atelier.cli;

import atelier.diffusion.weights.SafetensorsFile;
import atelier.diffusion.weights.TensorView;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import javax.imageio.ImageIO;

/** Training runs of a tiny random model on eight random pictures of 16 pixels, for tests: no samples, no merged model. */
final class MechanicsRuns {
    static final Path ROOT = Path.of(System.getProperty("atelier.root", "..")).toAbsolutePath();

    private final Path folder;
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    MechanicsRuns(Path folder) throws IOException {
        this.folder = folder;
        pictures("pairs", 8, 5, false);
        Files.writeString(folder.resolve("optout.jsonl"), """
                {"id": "1", "kind": "domain", "value": "example.net", "subdomains": true}
                """);
    }

    /** Pictures NAME0.png, NAME1.png, ... and their table NAME.csv. */
    void pictures(String name, int count, long seed, boolean transparent) throws IOException {
        Random random = new Random(seed);
        List<String> rows = new ArrayList<>(List.of("image,caption,creator,licence,source"));
        for (int i = 0; i < count; i++) {
            BufferedImage picture =
                    new BufferedImage(16, 16, transparent ? BufferedImage.TYPE_INT_ARGB : BufferedImage.TYPE_INT_RGB);
            for (int p = 0; p < 256; p++) {
                int alpha = transparent && p % 16 < 8 ? 0 : 255;
                picture.setRGB(p % 16, p / 16, alpha << 24 | random.nextInt(1 << 24));
            }
            ImageIO.write(picture, "png", folder.resolve(name + i + ".png").toFile());
            rows.add(name + i + ".png,picture " + i + ",Example Artist,CC0-1.0,https://example.org/" + i);
        }
        Files.write(folder.resolve(name + ".csv"), rows);
    }

    ExitStatus train(String name, String... keys) {
        List<String> words = new ArrayList<>(List.of(
                "train",
                "model.path=" + ROOT.resolve("diffusion/src/test/resources/golden/models/sd1"),
                "device=cpu",
                "data.pairs=" + folder.resolve("pairs.csv"),
                "data.images=" + folder,
                "data.resolution=16",
                "optout.manifests=[" + folder.resolve("optout.jsonl") + "]",
                "adapter.rank=2",
                "adapter.alpha=2",
                "train.steps=6",
                "train.save_every=3",
                "train.sample_every=0",
                "train.batch_size=2",
                "train.cache_dir=" + folder.resolve("cache"),
                "sample.prompts=[]",
                "export.merged=false",
                "run.dir=" + folder.resolve("runs"),
                "run.name=" + name));
        for (String key : keys) {
            String start = key.substring(0, key.indexOf('=') + 1);
            words.removeIf(word -> word.startsWith(start));
            words.add(key);
        }
        return run(words);
    }

    ExitStatus run(List<String> words) {
        err.reset();
        PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
        return new Atelier(ROOT, Commands.all(), stream, stream, false).run(words);
    }

    String said() {
        return err.toString(StandardCharsets.UTF_8);
    }

    Path at(String name, String file) {
        return folder.resolve("runs").resolve(name).resolve(file);
    }

    /** A column of metrics.csv: an empty text where a step has no such figure. */
    List<String> column(String name, String figure) throws IOException {
        List<String> lines = Files.readAllLines(at(name, "metrics.csv"));
        int index = List.of(lines.get(0).split(",")).indexOf(figure);
        return lines.stream().skip(1).map(line -> line.split(",", -1)[index]).toList();
    }

    /** An adapter's tensors, sorted by name. */
    Map<String, float[]> adapter(String name) throws IOException {
        SafetensorsFile file = SafetensorsFile.open(at(name, "adapter.safetensors"));
        Map<String, float[]> tensors = new TreeMap<>();
        for (Map.Entry<String, TensorView> entry : file.tensors().entrySet()) {
            tensors.put(entry.getKey(), entry.getValue().toFloats());
        }
        return tensors;
    }

    /** Largest difference of two adapters over the largest value of either. */
    double difference(String one, String other) throws IOException {
        Map<String, float[]> a = adapter(one);
        Map<String, float[]> b = adapter(other);
        if (!a.keySet().equals(b.keySet())) {
            throw new IllegalStateException("the adapters have other tensors");
        }
        double difference = 0;
        double magnitude = 0;
        for (Map.Entry<String, float[]> entry : a.entrySet()) {
            float[] theirs = b.get(entry.getKey());
            for (int i = 0; i < theirs.length; i++) {
                difference = Math.max(difference, Math.abs(entry.getValue()[i] - theirs[i]));
                magnitude = Math.max(magnitude, Math.abs(theirs[i]));
            }
        }
        return difference / magnitude;
    }
}
