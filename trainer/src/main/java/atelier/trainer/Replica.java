package atelier.trainer;

import atelier.diffusion.model.Devices;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.weights.Checkpoint;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A copy of the network, and of what learns in it, on a device of its own. */
final class Replica implements AutoCloseable {
    private final StableDiffusion model;
    private final Learnt learnt;
    private final StepText.Source text;
    private final TrainStep step;
    /** Null for the run's own model, which others close. */
    private final @Nullable Kernels own;

    private Replica(StableDiffusion model, Learnt learnt, StepText.Source text, @Nullable Kernels own) {
        this.model = model;
        this.learnt = learnt;
        this.text = text;
        this.step = new TrainStep(model.kernels(), model.unet());
        this.own = own;
    }

    /** The run's own model; closing the replica leaves it open. */
    static Replica own(StableDiffusion model, Learnt learnt, StepText.Source text) {
        return new Replica(model, learnt, text, null);
    }

    /**
     * A further copy.
     *
     * @param device cpu, cuda or cuda:N
     * @param known text whose states are computed beforehand; not used where text encoders learn
     */
    static Replica on(
            String device, TrainingSettings settings, Checkpoint checkpoint, LoadOptions options, StepText.Source known)
            throws IOException {
        Kernels kernels = TrainingRun.kernels(Devices.of(device), settings.train());
        StableDiffusion model = StableDiffusion.of(checkpoint, kernels, options);
        try {
            Learnt learnt = Learnt.of(settings, model);
            StepText.Source text =
                    settings.adapter().textEncoders() ? captions -> new LoopText(model.prompts(), captions) : known;
            return new Replica(model, learnt, text, kernels);
        } catch (IOException | RuntimeException e) {
            model.close();
            kernels.close();
            throw e;
        }
    }

    StableDiffusion model() {
        return model;
    }

    Learnt learnt() {
        return learnt;
    }

    StepText.Source text() {
        return text;
    }

    TrainStep step() {
        return step;
    }

    @Override
    public void close() {
        if (own != null) {
            learnt.close();
            model.close();
            own.close();
        }
    }
}
