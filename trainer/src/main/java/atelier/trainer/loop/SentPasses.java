package atelier.trainer.loop;

import atelier.datasets.batch.Example;
import atelier.diffusion.model.TextConditioning;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Has the passes of a step computed elsewhere, and adds their gradients in the order of the passes: with low-rank adapters
 * the sum has the same bytes as {@link GradientPasses} of one device gives, wherever and in whatever order passes were
 * computed. Methods whose parameters get their gradients once a step from those of whole weights (LoHa, LoKr, DoRA and so
 * on) get them once a pass here, which rounds otherwise.
 */
public final class SentPasses implements Accumulation {
    private final TrainableWeights trainable;
    private final ParameterUpdate update;
    private final int batchSize;
    private final GradientPasses.Plans plans;
    private final TextConditioning.Source text;
    private final Elsewhere elsewhere;

    /**
     * @param trainable what the optimiser changes
     * @param batchSize the most examples in a pass
     * @param text of captions, or the captions where text encoders are trained
     * @param elsewhere closed by whoever opened it
     */
    public SentPasses(
            TrainableWeights trainable,
            ParameterUpdate update,
            int batchSize,
            GradientPasses.Plans plans,
            TextConditioning.Source text,
            Elsewhere elsewhere) {
        this.trainable = trainable;
        this.update = update;
        this.batchSize = batchSize;
        this.plans = plans;
        this.text = text;
        this.elsewhere = elsewhere;
    }

    /** Computes passes, each in a copy of the network whose trainable weights have the values given. */
    public interface Elsewhere extends AutoCloseable {
        /**
         * Computes the passes of a step.
         *
         * @param values in the order of {@link TrainableWeights#values}
         * @return one a pass, in their order
         */
        List<SentPass.Result> run(float[] values, List<SentPass> passes) throws IOException, InterruptedException;

        @Override
        void close();
    }

    @Override
    public PendingLoss run(List<Example> examples, long step, double lossScale)
            throws IOException, InterruptedException {
        update.begin(trainable, step);
        int n = examples.size();
        List<SentPass> passes = new ArrayList<>();
        for (int at = 0; at < n; at += batchSize) {
            List<Example> part = examples.subList(at, Math.min(n, at + batchSize));
            passes.add(SentPass.of(plans.of(part, step, at, text), step, part.size() / (double) n, lossScale));
        }
        List<SentPass.Result> results = elsewhere.run(trainable.values(), passes);
        if (results.size() != passes.size()) {
            throw new IllegalStateException(results.size() + " results of " + passes.size() + " passes");
        }
        trainable.zeroGradients();
        double loss = 0;
        for (SentPass.Result result : results) {
            loss += result.loss();
            trainable.addGradients(result.gradients());
        }
        return PendingLoss.of(loss);
    }

    @Override
    public void close() {
        // What computes passes may serve other runs.
    }
}
