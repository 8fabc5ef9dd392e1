package atelier.trainer.loop;

import atelier.diffusion.model.Devices;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.model.TextConditioning;
import atelier.diffusion.model.TrainedText;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.weights.Checkpoint;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A copy of the network, and of what is trained in it, on a device of its own. */
public final class DeviceReplica implements AutoCloseable {
    private final StableDiffusion model;
    private final TrainableWeights trainable;
    private final TextConditioning.Source text;
    private final TrainStep step;
    /** Null for the run's own model, which others close. */
    private final @Nullable Kernels own;

    private DeviceReplica(
            StableDiffusion model, TrainableWeights trainable, TextConditioning.Source text, @Nullable Kernels own) {
        this.model = model;
        this.trainable = trainable;
        this.text = text;
        this.step = new TrainStep(model.kernels(), model.unet());
        this.own = own;
    }

    /** The run's own model; closing the replica leaves it open. */
    public static DeviceReplica own(StableDiffusion model, TrainableWeights trainable, TextConditioning.Source text) {
        return new DeviceReplica(model, trainable, text, null);
    }

    /**
     * A further copy.
     *
     * @param device cpu, cuda or cuda:N
     * @param exact whether a GPU adds up in a fixed order
     * @param plan of the run, so that the copy trains the same
     * @param known text whose states are computed beforehand; not used where text encoders are trained
     */
    public static DeviceReplica on(
            String device,
            boolean exact,
            Checkpoint checkpoint,
            LoadOptions options,
            TrainablePlan plan,
            TextConditioning.Source known)
            throws IOException {
        Kernels kernels = TrainingKernels.load(Devices.of(device), exact);
        StableDiffusion model = StableDiffusion.of(checkpoint, kernels, options);
        try {
            if (plan.trainsText()) {
                model.trainText();
            }
            TrainableWeights trainable = plan.attach(model);
            TextConditioning.Source text =
                    plan.trainsText() ? captions -> new TrainedText(model.prompts(), captions) : known;
            return new DeviceReplica(model, trainable, text, kernels);
        } catch (IOException | RuntimeException e) {
            model.close();
            kernels.close();
            throw e;
        }
    }

    public StableDiffusion model() {
        return model;
    }

    TrainableWeights trainable() {
        return trainable;
    }

    TextConditioning.Source text() {
        return text;
    }

    TrainStep step() {
        return step;
    }

    @Override
    public void close() {
        if (own != null) {
            trainable.close();
            model.close();
            own.close();
        }
    }
}
