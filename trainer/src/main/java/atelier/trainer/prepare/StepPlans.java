package atelier.trainer.prepare;

import atelier.datasets.batch.Example;
import atelier.diffusion.model.TextConditioning;
import atelier.trainer.loop.GradientPasses;
import atelier.trainer.objective.Objective;
import atelier.trainer.step.ForwardDiffusion;
import atelier.trainer.step.StepNoise;
import atelier.trainer.step.StepPlan;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes examples ready for training: noised from streams of (seed, step, place in the step), so that a step cut into
 * passes sees the same noise; weighted, prior-preservation pictures by their own factor; masked where masks are asked for.
 */
public final class StepPlans implements GradientPasses.Plans {
    private final long seed;
    private final LatentCache latents;
    private final @Nullable MaskCache masks;
    private final @Nullable InpaintingInputs inpainting;
    private final Objective objective;
    private final ForwardDiffusion forward;

    /**
     * @param masks null where nothing is masked
     * @param inpainting null where the base is no inpainting model
     */
    public StepPlans(
            long seed,
            LatentCache latents,
            @Nullable MaskCache masks,
            @Nullable InpaintingInputs inpainting,
            Objective objective,
            ForwardDiffusion forward) {
        this.seed = seed;
        this.latents = latents;
        this.masks = masks;
        this.inpainting = inpainting;
        this.objective = objective;
        this.forward = forward;
    }

    @Override
    public StepPlan of(List<Example> examples, long step, int position, TextConditioning.Source text)
            throws IOException {
        StepPlan plan = StepPlan.of(
                examples,
                latents,
                text,
                (moments, shape, i) -> forward.noise(moments, shape, new StepNoise.Stream(seed, step, position + i)));
        double[] weights = examples.stream()
                .map(Example::pair)
                .mapToDouble(pair -> objective.exampleWeight(pair.weight(), pair.isPrior()))
                .toArray();
        float[] more = inpainting == null
                ? null
                : inpainting.of(examples, i -> new StepNoise.Stream(seed, step, position + i));
        return plan.weighted(weights, masks == null ? null : masks(masks, examples, plan.shape()))
                .conditioned(more);
    }

    /** Prior-preservation pictures count whole: they say what the rest is to stay like. */
    private static float[] masks(MaskCache cache, List<Example> examples, long[] shape) throws IOException {
        int area = (int) (shape[2] * shape[3]);
        float[] all = new float[examples.size() * area];
        for (int i = 0; i < examples.size(); i++) {
            Example example = examples.get(i);
            if (example.pair().isPrior()) {
                Arrays.fill(all, i * area, (i + 1) * area, 1);
            } else {
                System.arraycopy(cache.mask(example, (int) shape[2]), 0, all, i * area, area);
            }
        }
        return all;
    }
}
