package atelier.trainer;

import atelier.datasets.consent.RefusedException;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.weights.AtomicFile;
import atelier.trainer.optimizer.Optimizer;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The way of a run's products into its folder: a straight one, or, where a gate must be passed, by a hidden folder beside
 * them. What the gate refuses is deleted, as are products of the same run that had been there before; the saved states
 * stay, and a resumed run comes to the gate again.
 */
final class Release {
    private static final String HIDDEN = ".withheld";

    private final TrainingSettings settings;
    private final RunFolder run;
    private final @Nullable ReleaseGate gate;
    private final List<Path> judged = new ArrayList<>();

    /** @param gate null where nothing needs to be judged */
    Release(TrainingSettings settings, RunFolder run, @Nullable ReleaseGate gate) {
        this.settings = settings;
        this.run = run;
        this.gate = gate;
    }

    private RunFolder place() {
        return gate == null ? run : new RunFolder(run.path().resolve(HIDDEN));
    }

    /** Makes the place ready; what a run that was killed left in it goes. */
    void prepare() throws IOException {
        if (gate != null) {
            RunState.delete(place().path());
            Files.createDirectories(place().path());
        }
    }

    /** Writes all that the run was asked for. */
    void write(StableDiffusion model, Learnt learnt, Learner learner, RunMetadata facts, List<BufferedImage> samples)
            throws IOException {
        try (Optimizer.Evaluation evaluation = learner.evaluation()) {
            RunExport.write(settings, run, place(), model, learnt, facts, samples);
        }
        judged.add(learnt.adapters().isEmpty() ? place().merged() : place().adapter());
    }

    /** Writes the best adapter as training goes, averages in place; behind a gate it is written at the end. */
    void keepBest(StableDiffusion model, Learnt learnt, RunMetadata facts) throws IOException {
        if (gate == null) {
            RunExport.best(settings, run, run, model, learnt, facts);
        }
    }

    /**
     * Writes the best adapter where it was not written as training went, which changes what the model has learnt: nothing
     * comes after it.
     *
     * @param best its step; empty where none is kept
     * @param last the run's last step, which has been written
     */
    void writeBest(
            OptionalLong best,
            long last,
            RunWatcher watcher,
            StableDiffusion model,
            Learnt learnt,
            Learner learner,
            LongFunction<RunMetadata> facts)
            throws IOException {
        if (gate == null || best.isEmpty() || learnt.adapters().isEmpty()) {
            return;
        }
        long step = best.getAsLong();
        watcher.goBack(step, model.kernels());
        try (Optimizer.Evaluation evaluation = learner.evaluation()) {
            RunExport.best(settings, run, place(), model, learnt, facts.apply(step));
        }
        if (step != last) {
            judged.add(place().bestAdapter());
        }
    }

    /** Lets the gate judge, and brings the products where they are looked for. */
    void open() throws IOException {
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
            RunState.delete(target);
            Files.move(product, target, StandardCopyOption.ATOMIC_MOVE);
        }
        RunState.delete(place().path());
        Files.delete(run.withheld());
    }

    private String kept() {
        return ". Nothing was exported and nothing is lost: the state is kept in " + run.states() + "; `train resume="
                + run.path() + "` comes to the audit again";
    }

    private void withhold(String reason) throws IOException {
        RunState.delete(place().path());
        for (Path product : products(run)) {
            RunState.delete(product);
        }
        AtomicFile.write(run.withheld(), reason);
    }

    private static List<Path> products(RunFolder folder) throws IOException {
        try (Stream<Path> all = Stream.of(folder.adapter(), folder.bestAdapter(), folder.merged(), folder.exports())) {
            return all.filter(Files::exists).toList();
        }
    }
}
