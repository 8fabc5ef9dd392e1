package atelier.trainer;

import ai.djl.ndarray.NDArray;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.tensor.Precision;
import atelier.trainer.metrics.MetricRow;
import atelier.trainer.metrics.MetricSink;
import atelier.trainer.optimizer.Optimizer;
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
final class RunWatcher implements Trainer.Watcher {
    private final TrainingSettings settings;
    private final RunFolder folder;
    private final LedgerWriter ledgers;
    private final StableDiffusion model;
    private final Learnt learnt;
    private final Learner learner;
    private final RunFacts facts;
    private final SampleArtist artist;
    private final MetricSink metrics;
    private final Validator validator;
    private final RunMemory memory;
    private final List<Remembered> remembered;
    private final SampleFolder samples;
    private long lastSaved;

    RunWatcher(
            TrainingSettings settings,
            RunFolder folder,
            LedgerWriter ledgers,
            StableDiffusion model,
            Learnt learnt,
            Learner learner,
            RunFacts facts,
            SampleArtist artist,
            MetricSink metrics,
            Validator validator,
            RunMemory memory,
            List<Remembered> remembered) {
        this.settings = settings;
        this.folder = folder;
        this.ledgers = ledgers;
        this.model = model;
        this.learnt = learnt;
        this.learner = learner;
        this.facts = facts;
        this.artist = artist;
        this.metrics = metrics;
        this.validator = validator;
        this.memory = memory;
        this.remembered = List.copyOf(remembered);
        this.samples = new SampleFolder(folder.samples());
    }

    /** Names of all figures that a run's rows may hold, in the order in which to show them. */
    static List<String> figures(TrainingSettings settings, Learner learner, RunMemory memory) {
        List<String> figures = new ArrayList<>(List.of(MetricRow.LOSS, MetricRow.LOSS_SMOOTHED));
        if (settings.validation().enabled()) {
            figures.add(MetricRow.VALIDATION);
        }
        figures.add(MetricRow.LEARNING_RATE);
        figures.addAll(learner.rateNames().keySet());
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

    /**
     * Goes on from a saved state.
     *
     * @throws IllegalArgumentException naming what differs from the run that was saved, unless told to go on anyway
     */
    void restore(long step, Kernels kernels, Consumer<String> says) throws IOException {
        JsonNode saved = RunState.facts(folder, step);
        List<String> differences = facts.differences(saved);
        if (!differences.isEmpty()) {
            String list = String.join("; ", differences);
            if (!settings.train().resumeAnyway()) {
                throw new IllegalArgumentException(folder.state(step) + " was saved by another run: " + list
                        + ". Give the same settings, or train.resume_anyway=true to go on with these");
            }
            says.accept("going on although " + list);
        }
        goBack(step, kernels);
        remembered.forEach(each -> each.restore(RunFacts.numbers(saved, each.name())));
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
            metrics.histogram(step, "adapter_norms", learnt.norms());
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
        RunState.save(folder, step, arrays(), facts.saved(remembered), validator.retention(settings.train()));
        lastSaved = step;
    }

    private Map<String, NDArray> arrays() {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        for (Parameter parameter : learnt.parameters()) {
            arrays.put("parameter." + parameter.name(), parameter.value());
        }
        arrays.putAll(learner.tensors());
        return arrays;
    }

    private List<BufferedImage> draw(long step) throws IOException {
        List<String> prompts = settings.sample().prompts();
        if (prompts.isEmpty()) {
            return List.of();
        }
        try (Optimizer.Evaluation evaluation = learner.evaluation();
                Learnt.AtStrength weaker = learnt.at(
                        settings.adapter().takesStrength() ? settings.sample().strength() : 1)) {
            List<BufferedImage> pictures = artist.draw(model, settings.sample());
            model.makeRoom();
            metrics.image(step, "samples", samples.write(step, prompts, pictures));
            return pictures;
        }
    }

    /** Puts everything back to what a saved step had. */
    void goBack(long step, Kernels kernels) throws IOException {
        RunState.restore(folder, step, arrays(), kernels);
        learnt.refresh();
    }

    /** Draws the last samples, and the base's beside them. */
    List<BufferedImage> finish(long step, List<BufferedImage> before) throws IOException {
        List<BufferedImage> after = draw(step);
        if (!before.isEmpty()) {
            samples.writeBeforeAfter(settings.sample().prompts(), before, after);
        }
        return after;
    }
}
