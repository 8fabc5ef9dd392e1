package atelier.trainer.listen;

import ai.djl.ndarray.NDArray;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.tensor.Precision;
import atelier.trainer.folder.LedgerWriter;
import atelier.trainer.folder.RunFolder;
import atelier.trainer.loop.ParameterUpdate;
import atelier.trainer.loop.TrainableWeights;
import atelier.trainer.loop.Trainer;
import atelier.trainer.memory.RunMemory;
import atelier.trainer.metrics.MetricRow;
import atelier.trainer.metrics.MetricSink;
import atelier.trainer.optimizer.Optimizer;
import atelier.trainer.prepare.RunFingerprint;
import atelier.trainer.settings.TrainSettings;
import atelier.trainer.settings.TrainingSettings;
import atelier.trainer.state.CheckpointState;
import atelier.trainer.state.Checkpointed;
import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/** Saves states and draws samples between steps. */
public final class StepListeners implements Trainer.Watcher {
    private final TrainingSettings settings;
    private final RunFolder folder;
    private final LedgerWriter ledgers;
    private final StableDiffusion model;
    private final TrainableWeights trainable;
    private final ParameterUpdate update;
    private final RunFingerprint facts;
    private final SampleDrawer drawer;
    private final MetricSink metrics;
    private final Validator validator;
    private final RunMemory memory;
    private final List<Checkpointed> checkpointed;
    private final SampleFolder samples;
    private long lastSaved;

    public StepListeners(
            TrainingSettings settings,
            RunFolder folder,
            LedgerWriter ledgers,
            StableDiffusion model,
            TrainableWeights trainable,
            ParameterUpdate update,
            RunFingerprint facts,
            SampleDrawer drawer,
            MetricSink metrics,
            Validator validator,
            RunMemory memory,
            List<Checkpointed> checkpointed) {
        this.settings = settings;
        this.folder = folder;
        this.ledgers = ledgers;
        this.model = model;
        this.trainable = trainable;
        this.update = update;
        this.facts = facts;
        this.drawer = drawer;
        this.metrics = metrics;
        this.validator = validator;
        this.memory = memory;
        this.checkpointed = List.copyOf(checkpointed);
        this.samples = new SampleFolder(folder.samples());
    }

    /** Names of all figures that a run's rows may hold, in the order in which to show them. */
    public static List<String> figures(TrainingSettings settings, ParameterUpdate update, RunMemory memory) {
        List<String> figures = new ArrayList<>(List.of(MetricRow.LOSS, MetricRow.LOSS_SMOOTHED));
        if (settings.validation().enabled()) {
            figures.add(MetricRow.VALIDATION);
        }
        figures.add(MetricRow.LEARNING_RATE);
        figures.addAll(update.rateNames().keySet());
        figures.addAll(List.of(
                MetricRow.GRADIENT_NORM, MetricRow.SECONDS, MetricRow.IMAGES_PER_SECOND, MetricRow.RESIDENT_MIB));
        if (memory.isKnown()) {
            figures.add(MetricRow.GPU_USED_MIB);
        }
        if (settings.model().dtype() == Precision.FP16) {
            figures.add(MetricRow.LOSS_SCALE);
        }
        return figures;
    }

    /** Goes on from a saved state; says what differs from the run that was saved. */
    public void restore(long step, Kernels kernels, Consumer<String> says) throws IOException {
        JsonNode saved = CheckpointState.facts(folder, step);
        List<String> differences = facts.differences(saved);
        if (!differences.isEmpty()) {
            says.accept("going on although " + String.join("; ", differences));
        }
        goBack(step, kernels);
        checkpointed.forEach(each -> each.restore(RunFingerprint.numbers(saved, each.name())));
        lastSaved = step;
    }

    @Override
    public boolean goesOn() {
        return !validator.isOver();
    }

    @Override
    public Map<String, Double> measure(long step) throws IOException, InterruptedException {
        Map<String, Double> figures = new LinkedHashMap<>();
        if (memory.isKnown()) {
            figures.put(MetricRow.GPU_USED_MIB, memory.usedMebibytes());
        }
        OptionalDouble loss = validator.after(step, step == settings.train().steps());
        if (loss.isPresent()) {
            figures.put(MetricRow.VALIDATION, loss.getAsDouble());
        }
        return figures;
    }

    @Override
    public void after(long step) throws IOException {
        TrainSettings train = settings.train();
        boolean last = step == train.steps() || validator.isOver();
        if (due(step, train.saveEvery()) || last || validator.isBest(step)) {
            save(step);
            metrics.histogram(step, "adapter_norms", trainable.norms());
        }
        if (due(step, train.sampleEvery()) && !last) {
            draw(step);
        }
    }

    private static boolean due(long step, int every) {
        return every > 0 && step % every == 0;
    }

    @Override
    public void interrupted(long step) throws IOException {
        if (lastSaved != step) {
            save(step);
        }
    }

    @Override
    public String kept() {
        return lastSaved == 0
                ? "nothing had been saved yet"
                : "the state of step " + lastSaved + " is kept in " + folder.state(lastSaved);
    }

    private void save(long step) throws IOException {
        // A state can be gone on from and exported: the ledger goes with it.
        ledgers.await();
        CheckpointState.save(folder, step, arrays(), facts.saved(checkpointed), validator.retention(settings.train()));
        lastSaved = step;
    }

    private Map<String, NDArray> arrays() {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        for (Parameter parameter : trainable.parameters()) {
            arrays.put("parameter." + parameter.name(), parameter.value());
        }
        arrays.putAll(update.tensors());
        return arrays;
    }

    private List<BufferedImage> draw(long step) throws IOException {
        List<String> prompts = settings.sample().prompts();
        if (prompts.isEmpty()) {
            return List.of();
        }
        try (Optimizer.Evaluation evaluation = update.evaluation();
                TrainableWeights.AtStrength weaker = trainable.at(
                        settings.adapter().takesStrength() ? settings.sample().strength() : 1)) {
            List<BufferedImage> pictures = drawer.draw(model, settings.sample());
            model.makeRoom();
            metrics.image(step, "samples", samples.write(step, prompts, pictures));
            return pictures;
        }
    }

    /** Puts everything back to what a saved step had. */
    public void goBack(long step, Kernels kernels) throws IOException {
        CheckpointState.restore(folder, step, arrays(), kernels);
        trainable.refresh();
    }

    /** Draws the last samples, and the base's beside them. */
    public List<BufferedImage> finish(long step, List<BufferedImage> before) throws IOException {
        List<BufferedImage> after = draw(step);
        if (!before.isEmpty()) {
            samples.writeBeforeAfter(settings.sample().prompts(), before, after);
        }
        return after;
    }
}
