package atelier.diffusion.tensor;

import ai.djl.Device;

/**
 * How blocks are computed.
 *
 * @param fused in few large kernels, with adapters' matrices copied into the network's precision: for a GPU
 * @param exact by kernels that add up in a fixed order, so that the same run gives the same bytes on a GPU too; slower
 * @param tiles on a processor that multiplies tiles (AMX), where long attention is faster in PyTorch's fused operator
 */
public record Execution(boolean fused, boolean exact, boolean tiles) {
    /** On a processor without tiles. */
    public Execution(boolean fused, boolean exact) {
        this(fused, exact, false);
    }

    /** The fastest on a device. A CPU's kernels are exact anyway; the property atelier.fused has it run as a GPU is asked to. */
    public static Execution on(Device device) {
        return new Execution(
                device.isGpu() || Boolean.getBoolean("atelier.fused"),
                false,
                Processor.here().hasTiles());
    }

    /** The same in a fixed order. */
    public Execution exactly() {
        return new Execution(fused, true, tiles);
    }
}
