package atelier.cli.choice;

import ai.djl.Device;
import atelier.diffusion.cuda.Gpu;
import atelier.diffusion.cuda.GpuSearch;
import atelier.diffusion.tensor.Processor;
import java.util.List;

/**
 * A precision and why.
 *
 * @param dtype as model.dtype has it
 * @param reason in a few words
 */
record ComputeChoice(String dtype, String reason) {
    /** The precision that a device computes in fastest. */
    static ComputeChoice on(Device device) {
        if (!device.isGpu()) {
            return on(Processor.here());
        }
        List<Gpu> gpus = GpuSearch.here().gpus();
        return device.getDeviceId() < gpus.size()
                ? on(gpus.get(device.getDeviceId()))
                : new ComputeChoice("fp16", "every card computes in it");
    }

    static ComputeChoice on(Processor processor) {
        return processor.multipliesBf16()
                ? new ComputeChoice("bf16", "this processor multiplies in it")
                : new ComputeChoice("fp32", "this processor does not multiply in bf16");
    }

    static ComputeChoice on(Gpu gpu) {
        return gpu.computesBf16()
                ? new ComputeChoice("bf16", gpu.name() + " computes in it")
                : new ComputeChoice("fp16", gpu.name() + " does not compute in bf16");
    }
}
