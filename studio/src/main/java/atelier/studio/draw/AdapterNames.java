package atelier.studio.draw;

import atelier.cli.config.NearestNames;
import atelier.common.error.WrongCommandException;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.WeightsException;
import atelier.trainer.folder.RunFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The adapters below the folder of runs, by names that hold no path: a run's own by the run's name, its others by
 * {@code RUN/adapter-best} and the like. Those of saved steps, {@code RUN/state/step-000100}, are found and not listed:
 * programs that show all adapters would show little else.
 */
public final class AdapterNames {
    private static final int LEVELS = 3;
    private static final String ENDING = ".safetensors";
    private static final String OWN = "/adapter";
    private static final Pattern SAVED = Pattern.compile("([^./\\\\][^/\\\\]*)/state/(step-\\d{6,18})");
    /** Folders of a run that hold no adapters, and may hold much. */
    private static final Set<String> OTHERS = Set.of(
            "state", "merged", "samples", "tensorboard", "evaluation", "unet", "vae", "text_encoder", "text_encoder_2");

    private final Path runs;
    private final Map<Path, Known> known = new HashMap<>();

    /** @param runs the folder of the runs */
    public AdapterNames(Path runs) {
        this.runs = runs.toAbsolutePath().normalize();
    }

    /**
     * An adapter.
     *
     * @param name that programs and people call it by
     * @param file its file
     * @param metadata what the file says of itself
     */
    public record Adapter(String name, Path file, Map<String, String> metadata) {
        public Adapter {
            metadata = Map.copyOf(metadata);
        }

        /** The name that its trainer gave it, else its own. */
        public String alias() {
            return metadata.getOrDefault("ss_output_name", name);
        }
    }

    private record Known(long size, long modified, @Nullable Adapter adapter) {}

    /** The folder of the runs. */
    Path folder() {
        return runs;
    }

    /** All, by name. */
    public synchronized List<Adapter> list() {
        Map<String, Adapter> found = new TreeMap<>();
        if (!Files.isDirectory(runs)) {
            return List.of();
        }
        List<Path> files = new ArrayList<>();
        try {
            Files.walkFileTree(runs, Set.of(), LEVELS, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                    String name = String.valueOf(folder.getFileName());
                    boolean passed = !folder.equals(runs) && (OTHERS.contains(name) || name.startsWith("."));
                    return passed ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    String name = String.valueOf(file.getFileName());
                    if (attributes.isRegularFile() && name.endsWith(ENDING) && !name.startsWith(".")) {
                        files.add(file);
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    return FileVisitResult.CONTINUE; // it went away meanwhile, or may not be read
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        files.sort(Comparator.naturalOrder());
        for (Path file : files) {
            read(file).ifPresent(adapter -> found.putIfAbsent(adapter.name(), adapter));
        }
        return List.copyOf(found.values());
    }

    private Optional<Adapter> read(Path file) {
        try {
            long size = Files.size(file);
            long modified = Files.getLastModifiedTime(file).toMillis();
            Known old = known.get(file);
            if (old != null && old.size() == size && old.modified() == modified) {
                return Optional.ofNullable(old.adapter());
            }
            SafetensorsFile content = SafetensorsFile.open(file);
            boolean fits = content.tensors().keySet().stream().anyMatch(AdapterNames::isUpdate);
            Adapter adapter = fits ? new Adapter(name(file), file, content.metadata()) : null;
            known.put(file, new Known(size, modified, adapter));
            return Optional.ofNullable(adapter);
        } catch (IOException | WeightsException e) {
            return Optional.empty(); // a file that cannot be read is no adapter
        }
    }

    private static boolean isUpdate(String tensor) {
        return tensor.contains("lora") || tensor.contains("lokr") || tensor.contains("hada") || tensor.contains("oft");
    }

    private String name(Path file) {
        String below = runs.relativize(file).toString().replace('\\', '/');
        String stem = below.substring(0, below.length() - ENDING.length());
        return stem.endsWith(OWN) ? stem.substring(0, stem.length() - OWN.length()) : stem;
    }

    /** The adapter of a run's saved step. */
    private synchronized Optional<Adapter> saved(String name) {
        Matcher parts = SAVED.matcher(name);
        if (!parts.matches()) {
            return Optional.empty();
        }
        Path file = RunFolder.adapterIn(
                runs.resolve(parts.group(1)).resolve("state").resolve(parts.group(2)));
        try {
            boolean within = file.toRealPath().startsWith(runs.toRealPath());
            return within && Files.isRegularFile(file) ? read(file) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty(); // there is none
        }
    }

    /**
     * The adapter of a name, or of the name that its trainer gave it.
     *
     * @param place what names it, for messages
     * @throws WrongCommandException with the nearest names
     */
    public Adapter find(String place, String name) {
        List<Adapter> all = list();
        Optional<Adapter> own =
                all.stream().filter(each -> each.name().equals(name)).findFirst();
        List<Adapter> aliased =
                all.stream().filter(each -> each.alias().equals(name)).toList();
        return own.orElseGet(() -> {
            if (aliased.size() == 1) {
                return aliased.get(0);
            }
            Optional<Adapter> saved = saved(name);
            if (saved.isPresent()) {
                return saved.get();
            }
            List<String> names = all.stream().map(Adapter::name).toList();
            throw new WrongCommandException(
                    place,
                    "there is no adapter '" + name + "'",
                    NearestNames.question(
                            name,
                            names,
                            names.isEmpty() ? "train one first" : "there are " + String.join(", ", names)));
        });
    }
}
