package atelier.trainer.loop;

import atelier.diffusion.model.StableDiffusion;
import java.io.IOException;

/** A copy of the network, and of what is trained in it, that computes passes of another process's steps. */
public final class PassReplica {
    private final StableDiffusion model;
    private final TrainableWeights trainable;
    private final ParameterUpdate.Regularisation limits;
    private final TrainStep.Loss loss;
    private final TrainStep step;

    /**
     * @param trainable of the model; the caller closes both
     * @param limits what a step leaves out
     */
    public PassReplica(
            StableDiffusion model,
            TrainableWeights trainable,
            ParameterUpdate.Regularisation limits,
            TrainStep.Loss loss) {
        this.model = model;
        this.trainable = trainable;
        this.limits = limits;
        this.loss = loss;
        this.step = new TrainStep(model.kernels(), model.unet());
    }

    /**
     * Computes a pass.
     *
     * @param values of what is trained
     */
    public SentPass.Result run(float[] values, SentPass pass) throws IOException {
        trainable.values(values);
        limits.begin(trainable, pass.step());
        trainable.zeroGradients();
        PendingLoss made = step.start(pass.plan(model::prompts), loss, pass.share(), pass.lossScale());
        trainable.collect();
        float[] gradients = trainable.gradients();
        return new SentPass.Result(made.await(), gradients);
    }
}
