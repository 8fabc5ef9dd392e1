package atelier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.cli.command.ExitStatus;
import atelier.diffusion.adapter.file.AdapterFile;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.TensorSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Runs of the train command on tiny random models, in a folder of their own. */
final class TinyRuns {
    final Path folder;
    final Path model;
    private final RunFolder runs;

    /**
     * @param model sd1, sd2, odd or sdxl
     * @param width of the pictures
     * @param height of the pictures
     */
    TinyRuns(Path folder, String model, int width, int height) throws IOException {
        this(folder, RunFolder.model(model), width, height);
    }

    /** @param model a diffusers folder */
    TinyRuns(Path folder, Path model, int width, int height) throws IOException {
        this.folder = folder;
        this.model = model;
        this.runs = new RunFolder(folder, 5, width, height);
    }

    /** Trains for four steps, saving after each second one, and must succeed. */
    void train(String name, String... keys) {
        assertThat(tryToTrain(name, keys)).as(said()).isEqualTo(ExitStatus.DONE);
    }

    ExitStatus tryToTrain(String name, String... keys) {
        return runs.train(
                model,
                List.of(
                        "optimizer.lr=1e-2",
                        "schedule=constant",
                        "schedule.warmup=0",
                        "train.steps=4",
                        "train.save_every=2",
                        "sample.prompts=[]",
                        "run.name=" + name),
                keys);
    }

    /** Further pictures, with their table NAME.csv. */
    void pictures(String name, int count) throws IOException {
        runs.pictures(name, count, 16, 16, 99, false);
    }

    ExitStatus run(List<String> words) {
        return runs.run(words);
    }

    String said() {
        return runs.said();
    }

    Path run(String name) {
        return runs.at(name);
    }

    Path adapter(String name) {
        return run(name).resolve("adapter.safetensors");
    }

    Checkpoint base() throws IOException {
        return Checkpoint.open(model);
    }

    Checkpoint merged(String name) throws IOException {
        return Checkpoint.open(run(name).resolve("merged"));
    }

    AdapterState state(String name) throws IOException {
        return AdapterFile.read(adapter(name), base().component(Component.UNET).config());
    }

    /** A network's modules by path. */
    Map<String, ModuleState> modules(String name) throws IOException {
        return state(name).of(Component.UNET);
    }

    /** Goes on from a copy of a run as it was when it stopped after step 2. */
    Path resumed(String name) throws IOException {
        Path from = run(name);
        Path to = run(name + "-stopped");
        try (Stream<Path> all = Files.walk(from)) {
            for (Path each : (Iterable<Path>) all::iterator) {
                boolean later = each.toString().contains("step-000004")
                        || each.endsWith("adapter.safetensors")
                        || each.toString().contains("merged");
                if (!later) {
                    Path target = to.resolve(from.relativize(each).toString());
                    if (Files.isDirectory(each)) {
                        Files.createDirectories(target);
                    } else {
                        Files.copy(each, target);
                    }
                }
            }
        }
        assertThat(run(List.of("train", "resume=" + to))).as(said()).isEqualTo(ExitStatus.DONE);
        assertThat(said()).contains("going on after step 2 of 4");
        return to;
    }

    /** All bytes of a folder's files, by relative name. */
    static Map<String, byte[]> bytes(Path folder) throws IOException {
        Map<String, byte[]> bytes = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path each : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
                bytes.put(folder.relativize(each).toString(), Files.readAllBytes(each));
            }
        }
        return bytes;
    }

    static float[] floats(ModuleState module, String role) {
        TensorSource tensor = module.tensors().get(role);
        assertThat(tensor).as(role).isNotNull();
        return tensor.view().toFloats();
    }

    static float[] weight(Checkpoint checkpoint, Component network, String name) {
        return checkpoint.component(network).tensor(name).toFloats();
    }

    static double largest(float[] values) {
        double largest = 0;
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }
}
