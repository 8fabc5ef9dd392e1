package atelier.trainer.listen;

import atelier.common.work.StoppedException;
import atelier.diffusion.model.StableDiffusion;
import atelier.trainer.loop.StepListener;
import atelier.trainer.loop.TrainableWeights;
import atelier.trainer.loop.TrainedModel;
import atelier.trainer.metrics.MetricSink;
import atelier.trainer.optimizer.Optimizer;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Draws grids of samples as training goes, and the base's pictures beside the last of them. The base's are drawn when they
 * are first needed, with the adapter taken off: training does not wait for them.
 */
public final class SampleListener implements StepListener {
    private final Settings settings;
    private final SampleDrawer drawer;
    private final TrainedModel trained;
    private final SampleFolder folder;
    private final MetricSink metrics;
    private List<BufferedImage> before = List.of();

    /**
     * What is drawn and when.
     *
     * @param sample how it is drawn
     * @param plan what is drawn when
     * @param strength of the adapter; 1 is all that it trained
     * @param base the scheduler's configuration that the base is drawn with; null where the base's own weights are trained,
     *     so that it is no longer there
     */
    public record Settings(
            SampleSettings sample,
            SamplePlan plan,
            double strength,
            @Nullable ObjectNode base) {}

    public SampleListener(
            Settings settings, SampleDrawer drawer, TrainedModel trained, Path folder, MetricSink metrics) {
        this.settings = settings;
        this.drawer = drawer;
        this.trained = trained;
        this.folder = new SampleFolder(folder);
        this.metrics = metrics;
    }

    @Override
    public void after(FinishedStep step) throws IOException {
        // The last step's samples are drawn at the end, beside those of before.
        if (settings.plan().isDue(step.number()) && !step.last()) {
            try {
                drawBefore();
                draw(step.number());
            } catch (StoppedException e) {
                // The loop hears the signal next, and saves; samples are no part of what it saves.
                return;
            }
        }
    }

    /** Draws the last samples, and the base's beside them; the former are the result. */
    public List<BufferedImage> finish(long step) throws IOException {
        List<String> prompts = settings.plan().prompts();
        if (prompts.isEmpty()) {
            return List.of();
        }
        drawBefore();
        List<BufferedImage> after = draw(step);
        if (!before.isEmpty()) {
            folder.writeBeforeAfter(prompts, before, after);
        }
        return after;
    }

    private void drawBefore() throws IOException {
        ObjectNode base = settings.base();
        if (!before.isEmpty() || base == null) {
            return;
        }
        StableDiffusion model = trained.model();
        ObjectNode taught = model.checkpoint().schedulerConfig();
        try (TrainableWeights.AtStrength none = trained.weights().at(0)) {
            model.scheduler(base);
            before = drawer.draw(model, settings.plan().prompts(), settings.sample());
            model.makeRoom();
        } finally {
            model.scheduler(taught);
        }
    }

    private List<BufferedImage> draw(long step) throws IOException {
        List<String> prompts = settings.plan().prompts();
        try (Optimizer.Evaluation evaluation = trained.update().evaluation();
                TrainableWeights.AtStrength weaker = trained.weights().at(settings.strength())) {
            List<BufferedImage> pictures = drawer.draw(trained.model(), prompts, settings.sample());
            trained.model().makeRoom();
            metrics.image(step, "samples", folder.write(step, prompts, pictures));
            return pictures;
        }
    }
}
