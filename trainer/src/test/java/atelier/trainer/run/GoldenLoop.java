package atelier.trainer.run;

import atelier.datasets.batch.BatchSource;
import atelier.datasets.batch.DataSettings;
import atelier.datasets.batch.OnError;
import atelier.datasets.batch.SettingsFixture;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.Pair;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.model.TextConditioning;
import atelier.trainer.loop.DeviceReplica;
import atelier.trainer.loop.GradientPasses;
import atelier.trainer.loop.LossScale;
import atelier.trainer.loop.ObjectiveLoss;
import atelier.trainer.loop.ParameterUpdate;
import atelier.trainer.loop.StepLimits;
import atelier.trainer.loop.StepListener;
import atelier.trainer.loop.TrainableWeights;
import atelier.trainer.loop.Trainer;
import atelier.trainer.metrics.MetricRow;
import atelier.trainer.objective.Objective;
import atelier.trainer.objective.Settings;
import atelier.trainer.step.StepPlan;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import javax.imageio.ImageIO;

/**
 * The loop of a training run, on noised latents that a golden file gives: {@link Trainer}, {@link GradientPasses}, {@link
 * ParameterUpdate} and the plain {@link Objective} as a run has them. Pictures only count the examples.
 */
final class GoldenLoop {
    private final StableDiffusion model;
    private final TrainableWeights weights;
    private final ParameterUpdate update;
    private final TextConditioning.Source text;
    private final List<Double> losses = new ArrayList<>();
    private final List<Double> norms = new ArrayList<>();

    GoldenLoop(StableDiffusion model, TrainableWeights weights, ParameterUpdate update, TextConditioning.Source text) {
        this.model = model;
        this.weights = weights;
        this.update = update;
        this.text = text;
    }

    /** What a step works on. */
    @FunctionalInterface
    interface Plan {
        /** @param step from 1 */
        StepPlan of(long step, TextConditioning.Source text) throws IOException;
    }

    /**
     * Runs all steps.
     *
     * @param examples of a step, all in one pass
     * @param after called with each step's number once the weights are updated
     */
    void run(StepLimits limits, int examples, Plan plan, LongConsumer after) throws Exception {
        Path folder = Files.createTempDirectory("golden-loop");
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < examples; i++) {
            Path picture = folder.resolve(i + ".png");
            ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), "png", picture.toFile());
            picture.toFile().deleteOnExit();
            pairs.add(Pair.of(picture, "a", new Origin(folder, 1)));
        }
        DataSettings data = SettingsFixture.square(8)
                .folder(folder)
                .prefetch(0)
                .onError(OnError.FAIL)
                .settings();
        Objective objective = new Objective(new Settings().of(), model.schedule());
        try (BatchSource source = new BatchSource(pairs, data, examples, 0, (pair, placement) -> false, finding -> {});
                GradientPasses passes = new GradientPasses(
                        List.of(DeviceReplica.own(model, weights, text)),
                        update,
                        examples,
                        (all, step, position, words) -> plan.of(step, words),
                        new ObjectiveLoss(objective))) {
            new Trainer(limits, source, passes, weights, update, new LossScale(false, 1, 1)).run(0, recorder(after));
        }
    }

    private StepListener recorder(LongConsumer after) {
        return new StepListener() {
            @Override
            public void after(FinishedStep step) {
                losses.add(step.figures().get(MetricRow.LOSS));
                norms.add(step.figures().get(MetricRow.GRADIENT_NORM));
                after.accept(step.number());
            }
        };
    }

    List<Double> losses() {
        return losses;
    }

    /** Of all gradients together, before they are cut. */
    List<Double> norms() {
        return norms;
    }
}
