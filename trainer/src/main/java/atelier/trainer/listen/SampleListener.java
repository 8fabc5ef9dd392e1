package atelier.trainer.listen;

import atelier.common.work.StoppedException;
import atelier.trainer.loop.StepListener;
import atelier.trainer.loop.TrainableWeights;
import atelier.trainer.loop.TrainedModel;
import atelier.trainer.metrics.MetricSink;
import atelier.trainer.optimizer.Optimizer;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Draws grids of samples as training goes, and the pictures before and after it. */
public final class SampleListener implements StepListener {
    private final Settings settings;
    private final SampleDrawer drawer;
    private final TrainedModel trained;
    private final SampleFolder folder;
    private final MetricSink metrics;

    /**
     * What is drawn and when.
     *
     * @param sample what is drawn
     * @param every optimiser steps between two grids; 0 for none as training goes
     * @param strength of the adapter; 1 is all that it trained
     */
    public record Settings(SampleSettings sample, int every, double strength) {}

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
        if (settings.every() > 0 && step.number() % settings.every() == 0 && !step.last()) {
            try {
                draw(step.number());
            } catch (StoppedException e) {
                // The loop hears the signal next, and saves; samples are no part of what it saves.
                return;
            }
        }
    }

    /**
     * Draws the last samples, and the base's beside them.
     *
     * @param before by the base; empty where none were drawn
     */
    public List<BufferedImage> finish(long step, List<BufferedImage> before) throws IOException {
        List<BufferedImage> after = draw(step);
        if (!before.isEmpty()) {
            folder.writeBeforeAfter(settings.sample().prompts(), before, after);
        }
        return after;
    }

    private List<BufferedImage> draw(long step) throws IOException {
        List<String> prompts = settings.sample().prompts();
        if (prompts.isEmpty()) {
            return List.of();
        }
        try (Optimizer.Evaluation evaluation = trained.update().evaluation();
                TrainableWeights.AtStrength weaker = trained.weights().at(settings.strength())) {
            List<BufferedImage> pictures = drawer.draw(trained.model(), settings.sample());
            trained.model().makeRoom();
            metrics.image(step, "samples", folder.write(step, prompts, pictures));
            return pictures;
        }
    }
}
