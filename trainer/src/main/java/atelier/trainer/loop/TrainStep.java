package atelier.trainer.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.model.Conditioning;
import atelier.diffusion.model.NoisyLatents;
import atelier.diffusion.model.TapeDenoiser;
import atelier.diffusion.tensor.Activation;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Tape;
import atelier.diffusion.tensor.Upload;
import atelier.diffusion.unet.UNet;
import atelier.trainer.objective.LossTerms;
import atelier.trainer.step.StepPlan;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One forward and backward pass: adds to the gradients of whatever is trained, and gives the loss. */
public final class TrainStep {
    private final Kernels kernels;
    private final TapeDenoiser denoiser;

    public TrainStep(Kernels kernels, UNet unet) {
        this.kernels = kernels;
        this.denoiser = new TapeDenoiser(kernels, unet);
    }

    /** How a loss is made of a prediction: its value, and its slope by the prediction. */
    @FunctionalInterface
    public interface Loss {
        /**
         * @param prediction what the network says, row-major
         * @param slope filled with the gradient of the loss
         */
        double of(float[] prediction, StepPlan plan, float[] slope);

        /** The same for a kernel on the device; empty for a loss that is made in Java only. */
        default Optional<LossTerms> terms(StepPlan plan) {
            return Optional.empty();
        }
    }

    /**
     * Runs a pass and waits for its loss.
     *
     * @param share what the gradients are multiplied by: one over the passes of a step
     * @param lossScale what gradients travel multiplied by in fp16; taken out by whoever reads them
     */
    public double run(StepPlan plan, Loss loss, double share, double lossScale) {
        Optional<LossTerms> terms = terms(plan, loss);
        if (terms.isEmpty()) {
            return inJava(plan, loss, share, lossScale);
        }
        return onDevice(plan, terms.get(), share, lossScale).await() / share;
    }

    /**
     * Runs a pass. Its gradients are complete for whatever comes after it on the device.
     *
     * @return the loss times its share; the caller closes it
     */
    PendingLoss start(StepPlan plan, Loss loss, double share, double lossScale) {
        Optional<LossTerms> terms = terms(plan, loss);
        return terms.isPresent()
                ? onDevice(plan, terms.get(), share, lossScale)
                : PendingLoss.of(share * inJava(plan, loss, share, lossScale));
    }

    private Optional<LossTerms> terms(StepPlan plan, Loss loss) {
        return kernels.execution().fused() ? loss.terms(plan) : Optional.empty();
    }

    private double inJava(StepPlan plan, Loss loss, double share, double lossScale) {
        try (Tape tape = Tape.recording(kernels, kernels.manager());
                Inputs inputs = new Inputs(plan)) {
            inputs.upload.send(tape.scope());
            Activation prediction = inputs.forward(tape);
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

    private PendingLoss onDevice(StepPlan plan, LossTerms terms, double share, double lossScale) {
        // Closed with the loss: until then the device may not have taken what was sent.
        Inputs inputs = new Inputs(plan);
        try (Tape tape = Tape.recording(kernels, kernels.manager())) {
            DeviceLoss loss = new DeviceLoss(inputs.upload, plan, terms, share);
            inputs.upload.send(tape.scope());
            Activation prediction = inputs.forward(tape);
            NDList both = loss.of(tape.scope(), prediction.value(), lossScale);
            NDArray value = both.get(0);
            value.attach(kernels.manager());
            tape.backward(prediction, both.get(1));
            return PendingLoss.of(value, inputs.upload);
        } catch (RuntimeException e) {
            inputs.close();
            throw e;
        }
    }

    /** The prediction without gradients, row-major: for validation. */
    public float[] predict(StepPlan plan) {
        return denoiser.predict(noisy(plan), conditioning(plan));
    }

    /** The loss as a kernel makes it. */
    private final class DeviceLoss {
        private final LossTerms terms;
        private final Upload.Part target;
        private final Upload.Part weights;
        private final Upload.Part thresholds;
        private final Upload.@Nullable Part mask;

        DeviceLoss(Upload upload, StepPlan plan, LossTerms terms, double share) {
            this.terms = terms;
            int n = terms.weights().length;
            double elements = plan.target().length / (double) n;
            float[] each = new float[n];
            for (int i = 0; i < n; i++) {
                each[i] = (float) (terms.weights()[i] * share / elements);
            }
            target = upload.add(plan.target(), new Shape(plan.shape()));
            weights = upload.add(each, new Shape(n));
            thresholds = upload.add(terms.thresholds(), new Shape(n));
            float[] masks = plan.mask();
            long[] shape = plan.shape();
            mask = masks == null ? null : upload.add(masks, new Shape(n, shape[2], shape[3]));
        }

        /** The loss, and its gradient by the prediction times a factor. */
        NDList of(NDManager scope, NDArray prediction, double factor) {
            return kernels.call(
                    scope,
                    "weighted_loss",
                    prediction,
                    target.array(),
                    weights.array(),
                    thresholds.array(),
                    mask == null ? new NDList() : new NDList(mask.array()),
                    terms.normalised(),
                    switch (terms.loss()) {
                        case MSE -> 0;
                        case HUBER -> 1;
                        case SMOOTH_L1 -> 2;
                    },
                    factor);
        }
    }

    /** What the network takes, on its way to the device. */
    private final class Inputs implements AutoCloseable {
        private final Upload upload = denoiser.upload();
        private final TapeDenoiser.Pass pass;

        Inputs(StepPlan plan) {
            pass = denoiser.pass(upload, noisy(plan), conditioning(plan));
        }

        /** The prediction; once the upload was sent. */
        Activation forward(Tape tape) {
            return pass.predict(tape);
        }

        @Override
        public void close() {
            upload.close();
        }
    }

    private static NoisyLatents noisy(StepPlan plan) {
        int n = plan.timesteps().length;
        float[] steps = new float[n];
        for (int i = 0; i < n; i++) {
            steps[i] = plan.timesteps()[i];
        }
        float[] input = plan.input();
        long[] shape = plan.shape();
        long channels = input.length / (shape[0] * shape[2] * shape[3]);
        return new NoisyLatents(input, steps, new Shape(shape[0], channels, shape[2], shape[3]));
    }

    private static Conditioning conditioning(StepPlan plan) {
        return new Conditioning(plan.text(), plan.sizes());
    }
}
