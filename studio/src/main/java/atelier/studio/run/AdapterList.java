package atelier.studio.run;

import atelier.diffusion.adapter.file.AdapterKey;
import atelier.diffusion.adapter.file.ModuleKey;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.WeightsException;
import atelier.studio.server.Json;
import atelier.trainer.folder.RunFolder;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The adapters that runs have left. Only the headers of their files are read, and once for each state of a file. */
public final class AdapterList {
    private final Path runs;
    private final Map<Path, Known> known = new ConcurrentHashMap<>();

    private record Known(long changed, long bytes, Optional<AdapterInfo> info) {}

    /** @param runs the folder of all runs */
    public AdapterList(Path runs) {
        this.runs = runs;
    }

    /** All of them, newest first; those that an audit keeps back are not there. */
    public List<AdapterInfo> list() throws IOException {
        List<AdapterInfo> all = new ArrayList<>();
        if (Files.isDirectory(runs)) {
            try (Stream<Path> folders = Files.list(runs)) {
                for (Path folder : (Iterable<Path>) folders::iterator) {
                    if (Files.isRegularFile(folder.resolve("resolved.conf"))) {
                        add(new RunFolder(folder), all);
                    }
                }
            }
        }
        all.sort(Comparator.comparing(AdapterInfo::changed).reversed());
        return all;
    }

    private void add(RunFolder run, List<AdapterInfo> all) throws IOException {
        List<Long> saved = savedSteps(run);
        if (Files.isRegularFile(run.adapter())) {
            read(run.path(), run.adapter()).map(info -> info.with(saved)).ifPresent(all::add);
        } else if (!saved.isEmpty()) {
            // A run that has not come to its end is drawn with as far as it is.
            read(run.path(), run.adapterOf(saved.get(saved.size() - 1)))
                    .map(info -> info.with(saved))
                    .ifPresent(all::add);
        }
        if (Files.isRegularFile(run.bestAdapter())) {
            read(run.path(), run.bestAdapter()).ifPresent(all::add);
        }
    }

    /** Steps whose adapter lies beside their state, earliest first. */
    static List<Long> savedSteps(RunFolder run) throws IOException {
        return run.savedSteps().stream()
                .filter(step -> Files.isRegularFile(run.adapterOf(step)))
                .toList();
    }

    private Optional<AdapterInfo> read(Path run, Path file) throws IOException {
        long changed = Files.getLastModifiedTime(file).toMillis();
        long bytes = Files.size(file);
        Known before = known.get(file);
        if (before != null && before.changed() == changed && before.bytes() == bytes) {
            return before.info();
        }
        Optional<AdapterInfo> info;
        try {
            info = Optional.of(info(run, file, SafetensorsFile.open(file)));
        } catch (WeightsException | IOException e) {
            // A file that is being written, or is broken, is none to draw with.
            info = Optional.empty();
        }
        known.put(file, new Known(changed, bytes, info));
        return info;
    }

    private AdapterInfo info(Path run, Path file, SafetensorsFile content) throws IOException {
        Map<String, String> says = content.metadata();
        String name = run.getFileName().toString();
        return new AdapterInfo(
                name,
                runs.relativize(file).toString(),
                says.getOrDefault("modelspec.title", says.getOrDefault("ss_output_name", name)),
                says.getOrDefault("modelspec.trigger_phrase", ""),
                says.getOrDefault("modelspec.architecture", says.getOrDefault("ss_base_model_version", ""))
                        .replaceAll("/.*", ""),
                says.getOrDefault("ss_network_module", "").replaceAll(".*\\.", ""),
                (int) number(says.get("ss_network_dim"), 0),
                number(says.get("ss_network_alpha"), 0),
                List.of(),
                says.containsKey("ss_steps") ? (Long) (long) number(says.get("ss_steps"), 0) : null,
                says.getOrDefault("modelspec.resolution", ""),
                blocks(content.tensors().keySet()),
                licences(says.get("atelier.licences")),
                says.getOrDefault("modelspec.author", ""),
                says.getOrDefault("modelspec.description", ""),
                says.getOrDefault("modelspec.license", ""),
                Files.isRegularFile(run.resolve("credits.md")),
                Files.size(file),
                Files.getLastModifiedTime(file).toInstant());
    }

    private static double number(@Nullable String text, double otherwise) {
        try {
            return text == null ? otherwise : Double.parseDouble(text);
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }

    private static List<AdapterInfo.Block> blocks(Set<String> tensors) {
        Map<String, Set<String>> layers = new TreeMap<>();
        for (String tensor : tensors) {
            AdapterKey.parse(tensor)
                    .ifPresent(key -> layers.computeIfAbsent(
                                    new ModuleKey(key.component(), key.path()).block(), absent -> new HashSet<>())
                            .add(key.path()));
        }
        return layers.entrySet().stream()
                .map(each ->
                        new AdapterInfo.Block(each.getKey(), each.getValue().size()))
                .toList();
    }

    private static Map<String, Integer> licences(@Nullable String json) {
        Map<String, Integer> counts = new TreeMap<>();
        if (json != null) {
            try {
                JsonNode all = Json.read(json);
                all.fieldNames()
                        .forEachRemaining(
                                name -> counts.put(name, all.path(name).asInt()));
            } catch (IOException e) {
                // What is not of our writing says nothing here.
                return counts;
            }
        }
        return counts;
    }
}
