package atelier.trainer.loop;

import ai.djl.Device;
import atelier.diffusion.tensor.Execution;
import atelier.diffusion.tensor.Kernels;
import atelier.trainer.objective.Objective;
import atelier.trainer.optimizer.rule.Optimizers;
import java.util.List;

/** The kernels of training, the network's among them. */
public final class TrainingKernels {
    private TrainingKernels() {}

    /** @param exact whether a GPU adds up in a fixed order */
    public static Kernels load(Device device, boolean exact) {
        Execution fastest = Execution.on(device);
        return Kernels.load(
                device, List.of(Optimizers.KERNELS, Objective.KERNELS), exact ? fastest.exactly() : fastest);
    }
}
