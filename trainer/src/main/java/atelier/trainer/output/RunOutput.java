package atelier.trainer.output;

import atelier.common.error.RefusedException;
import atelier.common.file.AtomicFile;
import atelier.common.file.FileTree;
import atelier.trainer.folder.RunFolder;
import atelier.trainer.loop.TrainedModel;
import atelier.trainer.optimizer.Optimizer;
import atelier.trainer.state.RunStates;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes a run's output. With a gate, into a hidden folder first, which is renamed once the gate passes. What the gate
 * refuses is deleted, as is output of the same run that had been there before; the saved states stay, and a resumed run
 * comes to the gate again.
 */
public final class RunOutput {
    private static final String HIDDEN = ".withheld";

    private final OutputFormats formats;
    private final boolean savedSteps;
    private final RunFolder run;
    private final @Nullable OutputGate gate;
    private final List<Path> judged = new ArrayList<>();

    /**
     * @param name the run's
     * @param gate null where nothing needs to be judged
     */
    public RunOutput(ExportSettings export, String name, RunFolder run, @Nullable OutputGate gate) {
        this.formats = new OutputFormats(export, name);
        this.savedSteps = export.savedSteps();
        this.run = run;
        this.gate = gate;
    }

    private RunFolder place() {
        return gate == null ? run : new RunFolder(run.path().resolve(HIDDEN));
    }

    /** Makes the place ready; what a run that was killed left in it goes. */
    public void prepare() throws IOException {
        if (gate != null) {
            FileTree.delete(place().path());
            Files.createDirectories(place().path());
        }
    }

    /**
     * Writes all that the run was asked for.
     *
     * @param step the last that was made
     * @param samples by the trained model; may be empty
     */
    public void write(TrainedModel trained, RunMetadata facts, long step, List<BufferedImage> samples)
            throws IOException {
        try (Optimizer.Evaluation evaluation = trained.update().evaluation()) {
            formats.write(place(), trained, facts, step, samples);
        }
        judged.add(trained.weights().adapters().isEmpty() ? place().merged() : place().adapter());
    }

    /** Writes the best adapter as training goes, averages in place; behind a gate it is written at the end. */
    public void keepBest(TrainedModel trained, RunMetadata facts, long step) throws IOException {
        if (gate == null) {
            formats.adapter(run.bestAdapter(), trained, facts, step);
        }
    }

    /**
     * Writes the adapter as it is at a saved step, where that is asked for. Behind a gate none is written: nothing has been
     * judged yet.
     *
     * @param state the folder of the step's state
     */
    public void keepStep(TrainedModel trained, RunMetadata facts, long step, Path state) throws IOException {
        if (gate == null && savedSteps) {
            try (Optimizer.Evaluation evaluation = trained.update().evaluation()) {
                formats.adapter(RunFolder.adapterIn(state), trained, facts, step);
            }
        }
    }

    /**
     * Writes the best adapter where it was not written as training went, which changes what the model has trained: nothing
     * comes after it.
     *
     * @param best its step; empty where none is kept
     * @param last the run's last step, which has been written
     */
    public void writeBest(OptionalLong best, long last, RunStates states, TrainedModel trained, RunMetadata facts)
            throws IOException {
        if (gate == null || best.isEmpty() || trained.weights().adapters().isEmpty()) {
            return;
        }
        long step = best.getAsLong();
        states.goBack(step, List.of(trained.weights(), trained.update()));
        try (Optimizer.Evaluation evaluation = trained.update().evaluation()) {
            formats.adapter(place().bestAdapter(), trained, facts, step);
        }
        if (step != last) {
            judged.add(place().bestAdapter());
        }
    }

    /** Lets the gate judge, and brings the products where they are looked for. */
    public void open() throws IOException {
        if (gate == null) {
            return;
        }
        AtomicFile.write(run.withheld(), "the audit has not come to its end");
        try {
            gate.judge(run, judged);
        } catch (RefusedException e) {
            withhold(String.valueOf(e.getMessage()));
            throw new RefusedException(e.getMessage() + kept(), e);
        } catch (IOException | RuntimeException | Error e) {
            withhold("the audit broke off: " + e);
            throw e;
        }
        for (Path product : products(place())) {
            Path target = run.path().resolve(product.getFileName().toString());
            FileTree.delete(target);
            Files.move(product, target, StandardCopyOption.ATOMIC_MOVE);
        }
        FileTree.delete(place().path());
        Files.delete(run.withheld());
    }

    private String kept() {
        return ". Nothing was exported and nothing is lost: the state is kept in " + run.states() + "; `train resume="
                + run.path() + "` comes to the audit again";
    }

    private void withhold(String reason) throws IOException {
        FileTree.delete(place().path());
        for (Path product : products(run)) {
            FileTree.delete(product);
        }
        for (long step : run.savedSteps()) {
            Files.deleteIfExists(run.adapterOf(step));
        }
        AtomicFile.write(run.withheld(), reason);
    }

    private static List<Path> products(RunFolder folder) throws IOException {
        try (Stream<Path> all = Stream.of(
                folder.adapter(), folder.bestAdapter(), folder.embeddings(), folder.merged(), folder.exports())) {
            return all.filter(Files::exists).toList();
        }
    }
}
