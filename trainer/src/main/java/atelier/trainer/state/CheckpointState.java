package atelier.trainer.state;

import atelier.common.file.AtomicFile;
import atelier.common.file.FileTree;
import atelier.common.file.JsonText;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.WeightsException;
import atelier.trainer.folder.RunFingerprint;
import atelier.trainer.folder.RunFolder;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All that a resume needs, saved by step: what is trained, the optimiser's state, and facts that tell whether the run that
 * goes on is the one that stopped. Noise, timesteps and order are functions of the seed and the step and need no saving.
 */
public final class CheckpointState {
    private static final ObjectMapper JSON = JsonText.mapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final String TENSORS = "state.safetensors";
    private static final String FACTS = "state.json";

    private CheckpointState() {}

    /**
     * Saves a step's state. The step's folder appears whole or not at all; older states that {@code keep} does not name
     * go once it is there.
     *
     * @param beside writes what else goes into the folder
     */
    static void save(
            RunFolder folder,
            long step,
            RunFingerprint facts,
            List<Checkpointed> parts,
            Retention keep,
            RunStates.Beside beside)
            throws IOException {
        StateParts state = new StateParts();
        parts.forEach(part -> part.save(state));
        ObjectNode saved = JSON.createObjectNode();
        facts.write(saved);
        state.numbers().forEach((owner, numbers) -> numbers.forEach(saved.withObject("/" + owner)::put));
        saved.put("step", step);
        Path target = folder.state(step);
        Path partial = target.resolveSibling("." + target.getFileName() + ".partial");
        Files.createDirectories(folder.states());
        sweep(folder.states());
        Files.createDirectories(partial);
        try {
            TensorFiles.write(partial.resolve(TENSORS), state.tensors());
            AtomicFile.write(partial.resolve(FACTS), JSON.writeValueAsBytes(saved));
            beside.write(partial);
            remove(target);
            Files.move(partial, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | RuntimeException e) {
            try {
                FileTree.delete(partial);
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
        for (long old : keep.surplus(folder.savedSteps())) {
            if (old != step) {
                remove(folder.state(old));
            }
        }
    }

    /** The facts and numbers of a saved step. */
    public static JsonNode facts(RunFolder folder, long step) throws IOException {
        return JSON.readTree(folder.state(step).resolve(FACTS).toFile());
    }

    /** What is wrong with a saved step's files; empty where they are whole. */
    public static Optional<String> fault(RunFolder folder, long step) throws IOException {
        try {
            facts(folder, step);
            SafetensorsFile.open(folder.state(step).resolve(TENSORS));
            return Optional.empty();
        } catch (WeightsException | JsonProcessingException | FileSystemException e) {
            return Optional.of(
                    String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
        }
    }

    /** Takes a state that is not whole from among the states; it keeps its files. */
    public static Path setAside(RunFolder folder, long step) throws IOException {
        Path state = folder.state(step);
        Path aside = state.resolveSibling(state.getFileName() + ".broken");
        FileTree.delete(aside);
        return Files.move(state, aside);
    }

    /** Gives parts back what was saved of them at a step. */
    static void load(RunFolder folder, long step, List<Checkpointed> parts, Kernels kernels) throws IOException {
        SavedState state = new SavedState(folder.state(step).resolve(TENSORS), facts(folder, step), kernels);
        parts.forEach(part -> part.load(state));
        state.requireAllRead();
    }

    /** A state that is being deleted is none from the first moment on: a run that is killed meanwhile leaves no half. */
    private static void remove(Path state) throws IOException {
        if (Files.exists(state)) {
            Path hidden = state.resolveSibling("." + state.getFileName() + ".old");
            Files.move(state, hidden, StandardCopyOption.ATOMIC_MOVE);
            FileTree.delete(hidden);
        }
    }

    /** Takes away what a killed run left half saved or half deleted. */
    private static void sweep(Path states) throws IOException {
        List<Path> halves;
        try (Stream<Path> all = Files.list(states)) {
            halves = all.filter(path -> path.getFileName().toString().matches("\\.step-.*\\.(partial|old)"))
                    .toList();
        }
        for (Path half : halves) {
            FileTree.delete(half);
        }
    }
}
