package atelier.trainer.optimizer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import atelier.diffusion.tensor.Kernels;

/** Values put aside while others stand in their place. */
public final class SetAside {
    private SetAside() {}

    /** Copies the values; closing the result writes the copies back. */
    public static Optimizer.Evaluation keep(Kernels kernels, NDList values) {
        NDManager scope = kernels.manager().newSubManager();
        NDList copies = new NDList();
        for (NDArray value : values) {
            copies.add(kernels.one(scope, "copy_of", value));
        }
        return () -> {
            kernels.run("copy_all", values, copies);
            scope.close();
        };
    }
}
