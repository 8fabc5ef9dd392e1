package atelier.trainer.state;

import atelier.diffusion.tensor.Kernels;
import atelier.trainer.folder.RunFingerprint;
import atelier.trainer.folder.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The states of one run: what belongs to them, and what of it lies in the run's folder. */
public final class RunStates {
    private final RunFolder folder;
    private final RunFingerprint facts;
    private final Kernels kernels;
    private final List<Checkpointed> parts;
    private long lastSaved;

    /** @param parts all that a resume needs */
    public RunStates(RunFolder folder, RunFingerprint facts, Kernels kernels, List<Checkpointed> parts) {
        this.folder = folder;
        this.facts = facts;
        this.kernels = kernels;
        this.parts = List.copyOf(parts);
    }

    /** Writes what lies beside a state, for others than a resume; it comes and goes with the state. */
    @FunctionalInterface
    public interface Beside {
        void write(Path folder) throws IOException;
    }

    /** Saves a step's state with what lies beside it, and deletes older ones that {@code keep} does not name. */
    public void save(long step, Retention keep, Beside beside) throws IOException {
        CheckpointState.save(folder, step, facts, parts, keep, beside);
        lastSaved = step;
    }

    /** The step that was saved last; 0 for none. */
    public long lastSaved() {
        return lastSaved;
    }

    /** Where a step's state lies. */
    public Path place(long step) {
        return folder.state(step);
    }

    /** What differs between this run and the one that saved a step's state. */
    public List<RunFingerprint.Difference> differences(long step) throws IOException {
        return facts.differences(CheckpointState.facts(folder, step));
    }

    /** Puts everything back to what a saved step had, to go on from there. */
    public void resume(long step) throws IOException {
        CheckpointState.load(folder, step, parts, kernels);
        lastSaved = step;
    }

    /** Puts only some of the parts, but all that hold tensors, back to what a saved step had. */
    public void goBack(long step, List<Checkpointed> some) throws IOException {
        CheckpointState.load(folder, step, some, kernels);
    }

    /** What can be gone on from, in words. */
    public String kept() {
        return lastSaved == 0
                ? "nothing had been saved yet"
                : "the state of step " + lastSaved + " is kept in " + folder.state(lastSaved);
    }
}
