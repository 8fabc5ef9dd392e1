package atelier.trainer.run;

import atelier.diffusion.model.Devices;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.NativeMemory;
import atelier.diffusion.weights.Checkpoint;
import atelier.trainer.loop.ObjectiveLoss;
import atelier.trainer.loop.PassReplica;
import atelier.trainer.loop.SentPass;
import atelier.trainer.loop.TrainableWeights;
import atelier.trainer.loop.TrainingKernels;
import atelier.trainer.objective.Objective;
import atelier.trainer.output.SchedulerConfigUpdate;
import java.io.IOException;

/**
 * Computes passes of a run that another process makes, which has the optimiser, the pictures and all state. Of the settings
 * it uses those of model, adapter and objective; the model and adapter.init_from are read here as they are there.
 */
public final class PassWorker implements AutoCloseable {
    private final Kernels kernels;
    private final StableDiffusion model;
    private final TrainableWeights weights;
    private final PassReplica replica;

    private PassWorker(Kernels kernels, StableDiffusion model, TrainableWeights weights, PassReplica replica) {
        this.kernels = kernels;
        this.model = model;
        this.weights = weights;
        this.replica = replica;
    }

    /** Loads the model. */
    public static PassWorker open(TrainingSettings settings) throws IOException {
        RunParts parts = new RunParts(settings);
        Kernels kernels = TrainingKernels.load(
                Devices.of(settings.device()), settings.train().exact());
        StableDiffusion model =
                StableDiffusion.of(Checkpoint.open(settings.model().source()), kernels, parts.loadOptions());
        try {
            if (settings.adapter().textEncoders()) {
                model.trainText();
            }
            parts.checkpoint(model);
            model.scheduler(SchedulerConfigUpdate.of(model.checkpoint().schedulerConfig(), settings.objective()));
            TrainableWeights weights = parts.trainable().attach(model);
            Objective objective = new Objective(settings.objective(), model.schedule());
            PassReplica replica = new PassReplica(model, weights, parts.regularisation(), new ObjectiveLoss(objective));
            NativeMemory.trim();
            return new PassWorker(kernels, model, weights, replica);
        } catch (IOException | RuntimeException e) {
            model.close();
            kernels.close();
            throw e;
        }
    }

    /**
     * Computes a pass; not for two threads at once.
     *
     * @param values of all that is trained, as the run has them
     */
    public SentPass.Result run(float[] values, SentPass pass) throws IOException {
        return replica.run(values, pass);
    }

    @Override
    public void close() {
        weights.close();
        model.close();
        kernels.close();
    }
}
