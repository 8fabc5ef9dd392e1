package atelier.diffusion.adapter.inspect;

import atelier.diffusion.adapter.file.AdapterFile;
import atelier.diffusion.adapter.file.AdapterFormat;
import atelier.diffusion.adapter.file.AdapterKey;
import atelier.diffusion.adapter.file.PeftConfig;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.StateDict;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.TensorSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Says in words what a file or folder is: an adapter, a checkpoint, or something else in safetensors' format. */
public final class Inspector {
    private Inspector() {}

    /**
     * Lines for a reader: what it is, what it is made of, its metadata, what would load it.
     *
     * @throws atelier.diffusion.weights.safetensors.WeightsException when it cannot be read
     * @throws IOException when reading fails
     */
    public static List<String> describe(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            return Files.exists(path.resolve(PeftConfig.WEIGHTS))
                    ? AdapterReport.lines(path, AdapterFile.read(path, null), AdapterFormat.PEFT)
                    : checkpoint(Checkpoint.open(path));
        }
        SafetensorsFile file = SafetensorsFile.open(path);
        boolean adapter = file.tensors().keySet().stream()
                .anyMatch(name -> AdapterKey.parse(name).isPresent() || name.startsWith(AdapterFormat.BUNDLE));
        if (adapter) {
            return AdapterReport.lines(
                    path,
                    AdapterFile.read(path, null),
                    AdapterFormat.of(file.tensors().keySet()));
        }
        boolean checkpoint = file.tensors().keySet().stream().anyMatch(name -> name.contains("model.diffusion_model."));
        return checkpoint ? checkpoint(Checkpoint.open(path)) : plain(file);
    }

    private static List<String> checkpoint(Checkpoint checkpoint) {
        List<String> lines = new ArrayList<>();
        boolean folder = Files.isDirectory(checkpoint.source());
        lines.add(checkpoint.source() + " is a " + checkpoint.family().title() + " model, "
                + (folder ? "a diffusers folder" : "a single file in the original layout"));
        lines.add("predicts " + (checkpoint.predictsV() ? "v" : "the noise (epsilon)") + "; trained for "
                + checkpoint.schedulerConfig().path("num_train_timesteps").asInt(1000) + " noise levels");
        for (Component component : checkpoint.components()) {
            StateDict dict = checkpoint.component(component);
            lines.add(component.folder() + ": " + dict.names().size() + " tensors, "
                    + millions(elements(dict.sources().values())) + " parameters, "
                    + dtypes(dict.sources().values()));
        }
        metadata(lines, checkpoint.metadata());
        lines.add("loads in: "
                + (folder
                        ? "Atelier, diffusers, InvokeAI, SD.Next"
                        : "Atelier, A1111, Forge, ComfyUI, InvokeAI, SD.Next, diffusers (from_single_file)"));
        return lines;
    }

    private static List<String> plain(SafetensorsFile file) {
        List<String> lines = new ArrayList<>();
        lines.add(file.path() + " is a safetensors file of " + file.tensors().size() + " tensors ("
                + dtypes(file.tensors().values()) + "), neither an adapter nor a checkpoint that Atelier knows");
        file.tensors().entrySet().stream()
                .limit(10)
                .forEach(entry -> lines.add("  " + entry.getKey() + " " + entry.getValue()));
        metadata(lines, file.metadata());
        return lines;
    }

    /** Adds the metadata, long values cut. */
    static void metadata(List<String> lines, Map<String, String> metadata) {
        if (!metadata.isEmpty()) {
            lines.add("metadata:");
        }
        metadata.forEach((key, value) -> {
            String line = value.replaceAll("\\s+", " ");
            lines.add("  " + key + " = " + (line.length() > 100 ? line.substring(0, 97) + "..." : line));
        });
    }

    /** Element types with their share in tensors: {@code F16}, or {@code F16 (680), F32 (6)}. */
    static String dtypes(Iterable<? extends TensorSource> tensors) {
        Map<String, Integer> counts = new TreeMap<>();
        tensors.forEach(tensor -> counts.merge(tensor.dtype().name(), 1, Integer::sum));
        if (counts.size() == 1) {
            return counts.keySet().iterator().next();
        }
        List<String> parts = new ArrayList<>();
        counts.forEach((dtype, count) -> parts.add(dtype + " (" + count + ")"));
        return String.join(", ", parts);
    }

    static long elements(Iterable<? extends TensorSource> tensors) {
        long elements = 0;
        for (TensorSource tensor : tensors) {
            elements += tensor.byteSize() * 8 / tensor.dtype().bits();
        }
        return elements;
    }

    static String millions(long elements) {
        return elements < 1_000_000
                ? String.format(Locale.ROOT, "%,d", elements)
                : String.format(Locale.ROOT, "%.1f million", elements / 1e6);
    }
}
