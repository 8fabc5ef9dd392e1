package atelier.cli;

import atelier.cli.command.ExitStatus;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.TensorView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Training runs of a tiny random model on eight random pictures of 16 pixels, for tests: no samples, no merged model. */
final class MechanicsRuns {
    private final RunFolder runs;

    MechanicsRuns(Path folder) throws IOException {
        runs = new RunFolder(folder, 8, 16, 16);
    }

    /** Pictures NAME0.png, NAME1.png, ... and their table NAME.csv. */
    void pictures(String name, int count, long seed, boolean transparent) throws IOException {
        runs.pictures(name, count, 16, 16, seed, transparent);
    }

    ExitStatus train(String name, String... keys) {
        return runs.train(
                RunFolder.model("sd1"),
                List.of(
                        "train.steps=6",
                        "train.save_every=3",
                        "sample.prompts=[]",
                        "export.merged=false",
                        "run.name=" + name),
                keys);
    }

    ExitStatus run(List<String> words) {
        return runs.run(words);
    }

    String said() {
        return runs.said();
    }

    Path at(String name, String file) {
        return runs.at(name).resolve(file);
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
