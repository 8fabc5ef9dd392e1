package atelier.studio.draw;

import atelier.cli.config.NearestNames;
import atelier.common.error.UserException;
import atelier.common.error.WrongCommandException;
import atelier.common.file.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The models that can be drawn with: the one that the studio was started with, and the merged ones of runs. */
public final class ModelNames {
    private static final long LARGEST_HASHED = 64L << 20;
    private static final int SHORT = 10;

    private final Path own;
    private final List<String> ownWords;
    private final Path runs;
    private final Map<String, String> digests = new HashMap<>();

    /**
     * @param own path of the model that the studio was started with
     * @param ownWords the changes to generate's settings that choose it
     * @param runs the folder of the runs
     */
    public ModelNames(Path own, List<String> ownWords, Path runs) {
        this.own = own.toAbsolutePath().normalize();
        this.ownWords = List.copyOf(ownWords);
        this.runs = runs.toAbsolutePath().normalize();
    }

    /**
     * A model.
     *
     * @param name that programs and people call it by
     * @param path its file or folder
     * @param sha256 of its UNet's weights, or of the one file; null where they are too large to be hashed in passing
     */
    public record Model(String name, Path path, @Nullable String sha256) {
        /** The first digits of the digest; null where there is none. */
        public @Nullable String hash() {
            String digest = sha256;
            return digest == null ? null : digest.substring(0, SHORT);
        }

        /** The name with the digest's first digits, as AUTOMATIC1111's web UI writes it. */
        public String title() {
            String hash = hash();
            return hash == null ? name : name + " [" + hash + "]";
        }
    }

    /** All; the one that the studio was started with comes first. */
    public List<Model> list() {
        Map<String, Path> found = new LinkedHashMap<>();
        found.put(String.valueOf(own.getFileName()), own);
        if (Files.isDirectory(runs)) {
            try (Stream<Path> entries = Files.list(runs)) {
                for (Path run : entries.sorted().toList()) {
                    Path merged = run.resolve("merged");
                    if (Files.isRegularFile(merged.resolve("model_index.json")) && !merged.equals(own)) {
                        found.putIfAbsent(run.getFileName() + "/merged", merged);
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        List<Model> models = new ArrayList<>();
        found.forEach((name, path) -> models.add(new Model(name, path, digest(path))));
        return models;
    }

    private synchronized @Nullable String digest(Path model) {
        Path unet = Files.isDirectory(model) ? model.resolve("unet/diffusion_pytorch_model.safetensors") : model;
        try {
            if (!Files.isRegularFile(unet) || Files.size(unet) > LARGEST_HASHED) {
                return null;
            }
            String state = unet + " " + Files.size(unet) + " " + Files.getLastModifiedTime(unet);
            String digest = digests.get(state);
            if (digest == null) {
                digest = Sha256.of(unet);
                digests.put(state, digest);
            }
            return digest;
        } catch (IOException e) {
            return null; // it went away meanwhile
        }
    }

    /** The model of a name, a title, or the first digits of a digest; empty where there is none. */
    public Optional<Model> lookUp(String name) {
        String wanted = name.strip();
        String digits = wanted.toLowerCase(Locale.ROOT);
        return list().stream()
                .filter(each -> each.name().equals(wanted)
                        || each.title().equals(wanted)
                        || (digits.length() >= SHORT
                                && each.sha256() != null
                                && String.valueOf(each.sha256()).startsWith(digits)))
                .findFirst();
    }

    /**
     * The model of a name.
     *
     * @param place what names it, for messages
     * @throws WrongCommandException with the nearest names
     */
    public Model find(String place, String name) {
        return lookUp(name).orElseThrow(() -> {
            List<String> names = list().stream().map(Model::name).toList();
            return new WrongCommandException(UserException.message(
                    place,
                    "there is no model '" + name + "'",
                    NearestNames.question(name, names, "there are " + String.join(", ", names))));
        });
    }

    /** The model that the studio was started with. */
    public Model own() {
        return list().get(0);
    }

    /** The changes to generate's settings that choose a model. */
    List<String> words(Model model) {
        List<String> words = new ArrayList<>(ownWords);
        if (!model.path().equals(own)) {
            words.removeIf(word -> word.matches("[+~]?model(\\..*|=.*|$)"));
            words.add("model.path=" + model.path());
        }
        return words;
    }
}
