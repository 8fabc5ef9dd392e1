package atelier.diffusion;

import ai.djl.Device;
import atelier.diffusion.tensor.Kernels;

/** One set of CPU kernels for all tests of a process. */
public final class SharedKernels {
    public static final Kernels CPU = Kernels.load(Device.cpu());

    private SharedKernels() {}
}
