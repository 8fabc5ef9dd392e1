package atelier.trainer.prepare;

import atelier.common.file.AtomicFile;
import atelier.common.file.Sha256;
import atelier.diffusion.tensor.NativeMemory;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.StateDict;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.TensorSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Digests of networks' weights: what caches and resumed runs are tied to. Reading a model's gigabytes takes seconds, so
 * a digest is kept under the paths, sizes and times of the model's files, and made anew when one of them changes.
 */
public final class ModelDigests {
    /** A file that is younger may yet change without its time showing it. */
    private static final Duration SETTLED = Duration.ofSeconds(2);

    private final Checkpoint checkpoint;
    private final Path folder;

    /** @param cache the folder that digests are kept in */
    public ModelDigests(Checkpoint checkpoint, Path cache) {
        this.checkpoint = checkpoint;
        this.folder = cache.resolve("models");
    }

    /** SHA-256 over names, types, shapes and bytes of the given networks, those that the model has. */
    public String of(Component... components) throws IOException {
        StringBuilder all = new StringBuilder();
        for (Component component : components) {
            if (checkpoint.has(component)) {
                all.append(component).append(' ').append(kept(component)).append('\n');
            }
        }
        return Sha256.of(all.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** SHA-256 over the files of the model's tokenizers; those of a single file are CLIP's own, which never change. */
    public String ofTokenizers() throws IOException {
        StringBuilder all = new StringBuilder();
        for (Component encoder : List.of(Component.TEXT_ENCODER, Component.TEXT_ENCODER_2)) {
            Path tokenizer = checkpoint.tokenizer(encoder).orElse(null);
            if (tokenizer == null) {
                continue;
            }
            try (Stream<Path> files = Files.list(tokenizer)) {
                for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                    all.append(encoder).append(' ').append(file.getFileName()).append(' ');
                    all.append(Sha256.of(file)).append('\n');
                }
            }
        }
        return Sha256.of(all.toString().getBytes(StandardCharsets.UTF_8));
    }

    private String kept(Component component) throws IOException {
        StringBuilder state = new StringBuilder(component.toString());
        Instant youngest = Instant.MIN;
        // A network that stands in for the model's own lies elsewhere.
        Path own = Path.of(checkpoint.component(component).place());
        List<Path> all = new ArrayList<>(files(checkpoint.source()));
        if (Files.exists(own) && !own.startsWith(checkpoint.source())) {
            all.addAll(files(own));
        }
        for (Path file : all) {
            Instant changed = Files.getLastModifiedTime(file).toInstant();
            youngest = changed.isAfter(youngest) ? changed : youngest;
            state.append('\n')
                    .append(file.toAbsolutePath())
                    .append(' ')
                    .append(Files.size(file))
                    .append(' ')
                    .append(changed);
        }
        Path place = folder.resolve(Sha256.of(state.toString().getBytes(StandardCharsets.UTF_8)));
        if (Files.isRegularFile(place)) {
            String known = Files.readString(place);
            if (known.matches("[0-9a-f]{64}")) {
                return known;
            }
        }
        String made = of(checkpoint.component(component));
        if (youngest.isBefore(Instant.now().minus(SETTLED))) {
            AtomicFile.write(place, made);
        }
        return made;
    }

    private static List<Path> files(Path source) throws IOException {
        try (Stream<Path> all = Files.walk(source)) {
            return all.filter(file -> file.toString().endsWith(".safetensors")
                            || file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
    }

    private static String of(StateDict weights) {
        MessageDigest digest = Sha256.digest();
        digest.update(weights.config().toString().getBytes(StandardCharsets.UTF_8));
        for (Map.Entry<String, TensorSource> entry : new TreeMap<>(weights.sources()).entrySet()) {
            TensorSource tensor = entry.getValue();
            String head = entry.getKey() + " " + tensor.dtype() + " " + Arrays.toString(tensor.shape());
            digest.update(head.getBytes(StandardCharsets.UTF_8));
            ByteBuffer data = tensor.data();
            digest.update(data.duplicate());
            NativeMemory.release(data);
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
