package atelier.trainer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.tensor.Activation;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Tape;
import atelier.diffusion.text.PromptEncoder;
import atelier.diffusion.unet.UNet;

/** One forward and backward pass: adds to the gradients of whatever learns, and gives the loss. */
final class TrainStep {
    private final Kernels kernels;
    private final UNet unet;

    TrainStep(Kernels kernels, UNet unet) {
        this.kernels = kernels;
        this.unet = unet;
    }

    /** How a loss is made of a prediction: its value, and its slope by the prediction. */
    @FunctionalInterface
    interface Loss {
        /**
         * @param prediction what the network says, row-major
         * @param slope filled with the gradient of the loss
         */
        double of(float[] prediction, StepPlan plan, float[] slope);
    }

    /**
     * Runs a pass.
     *
     * @param share what the gradients are multiplied by: one over the passes of a step
     * @param lossScale what gradients travel multiplied by in fp16; taken out by whoever reads them
     */
    double run(StepPlan plan, Loss loss, double share, double lossScale) {
        try (Tape tape = Tape.recording(kernels, kernels.manager())) {
            Activation prediction = forward(tape, plan);
            float[] values = HostCopy.floats(prediction.value());
            float[] slope = new float[values.length];
            double value = loss.of(values, plan, slope);
            float factor = (float) (share * lossScale);
            for (int i = 0; i < slope.length; i++) {
                slope[i] *= factor;
            }
            NDArray gradient = tape.scope().create(slope, new Shape(plan.shape()));
            tape.backward(prediction, gradient);
            return value;
        }
    }

    /** The loss without gradients: for validation. */
    double evaluate(StepPlan plan, Loss loss) {
        try (Tape tape = Tape.inference(kernels, kernels.manager())) {
            float[] values = HostCopy.floats(forward(tape, plan).value());
            return loss.of(values, plan, new float[values.length]);
        }
    }

    private Activation forward(Tape tape, StepPlan plan) {
        NDManager scope = tape.scope();
        int n = plan.timesteps().length;
        float[] timesteps = new float[n];
        for (int i = 0; i < n; i++) {
            timesteps[i] = plan.timesteps()[i];
        }
        NDArray latents = scope.create(plan.noisy(), new Shape(plan.shape()));
        PromptEncoder.Conditions text = plan.text().on(tape);
        Activation pooled = text.pooled();
        if (!unet.config().textTime()) {
            return unet.forward(tape, latents, scope.create(timesteps), text.states());
        }
        if (pooled == null) {
            throw new IllegalArgumentException(
                    "the UNet takes a pooled text, and no text encoder of the model has one");
        }
        NDArray sizes = scope.create(plan.sizes(), new Shape(n, 6));
        UNet.AddedConditions added = new UNet.AddedConditions(pooled, sizes);
        return unet.forward(tape, latents, scope.create(timesteps), text.states(), added);
    }
}
