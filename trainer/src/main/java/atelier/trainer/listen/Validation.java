package atelier.trainer.listen;

import atelier.datasets.batch.BatchSource;
import atelier.datasets.batch.PairBatch;
import atelier.diffusion.model.TextConditioning;
import atelier.diffusion.noise.HeldOutLoss;
import atelier.trainer.loop.TrainStep;
import atelier.trainer.prepare.InpaintingInputs;
import atelier.trainer.step.ForwardDiffusion;
import atelier.trainer.step.LatentSource;
import atelier.trainer.step.StepNoise;
import atelier.trainer.step.StepPlan;
import java.io.IOException;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The loss of pictures that are not trained on: the mean squared error of the prediction, each picture at the same few
 * timesteps with the same noise every time, in every run.
 */
public final class Validation implements AutoCloseable {
    private final ValidationSettings settings;
    private final BatchSource source;
    private final TrainStep step;
    private final ForwardDiffusion forward;
    private final LatentSource latents;
    private final @Nullable InpaintingInputs inpainting;
    private final TextConditioning.Source text;

    /**
     * @param source of the held-out pictures; closed with this
     * @param inpainting null where the base is no inpainting model
     * @param forward mixes latents and noise by the schedule that is trained with
     */
    public Validation(
            ValidationSettings settings,
            BatchSource source,
            TrainStep step,
            ForwardDiffusion forward,
            LatentSource latents,
            @Nullable InpaintingInputs inpainting,
            TextConditioning.Source text) {
        this.settings = settings;
        this.source = source;
        this.step = step;
        this.forward = forward;
        this.latents = latents;
        this.inpainting = inpainting;
        this.text = text;
    }

    /** The loss of the network as it stands. */
    double loss() throws IOException, InterruptedException {
        double sum = 0;
        long count = 0;
        source.seek(0);
        for (int i = 0; i < source.stepsPerEpoch(); i++) {
            try (PairBatch batch = source.next()) {
                for (int k = 0; k < settings.timesteps(); k++) {
                    StepPlan plan = plan(batch, k);
                    sum += batch.size() * HeldOutLoss.of(step.predict(plan), plan.target());
                    count += batch.size();
                }
            }
        }
        return sum / count;
    }

    private StepPlan plan(PairBatch batch, int k) throws IOException {
        int timestep =
                HeldOutLoss.timestep(k, settings.timesteps(), forward.schedule().length());
        // Streams go by the picture, so that other pictures beside it change nothing.
        IntFunction<StepNoise.Stream> streams = i ->
                new StepNoise.Stream(settings.seed(), k, batch.examples().get(i).index());
        StepPlan plan = StepPlan.of(
                batch.examples(),
                latents,
                text,
                (moments, shape, i) -> forward.plain(moments, streams.apply(i), timestep));
        return inpainting == null ? plan : plan.conditioned(inpainting.of(batch.examples(), streams));
    }

    @Override
    public void close() {
        source.close();
    }
}
