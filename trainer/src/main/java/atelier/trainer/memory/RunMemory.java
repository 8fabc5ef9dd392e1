package atelier.trainer.memory;

import ai.djl.Device;
import atelier.diffusion.cuda.CudaRuntime;
import atelier.diffusion.cuda.EngineFault;
import atelier.diffusion.cuda.Gpu;
import atelier.diffusion.cuda.GpuSearch;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.weights.name.Component;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A run and the memory of the card that it trains on; on a CPU there is nothing to say. */
public final class RunMemory {
    private static final double MIB = 1 << 20;

    private final StableDiffusion model;
    private final MemoryUse.Pass pass;
    private final MemoryUse.Training training;
    private final @Nullable CudaRuntime runtime;
    private final @Nullable Gpu gpu;
    private long trained;

    /**
     * @param pass what goes through the model at once
     * @param training what is kept for each value that is trained
     */
    public RunMemory(StableDiffusion model, MemoryUse.Pass pass, MemoryUse.Training training) {
        this.model = model;
        this.pass = pass;
        this.training = training;
        Device device = model.kernels().device();
        List<Gpu> gpus = device.isGpu() ? GpuSearch.here().gpus() : List.of();
        this.gpu = device.getDeviceId() < gpus.size() && device.isGpu() ? gpus.get(device.getDeviceId()) : null;
        this.runtime = gpu == null ? null : CudaRuntime.mapped().orElse(null);
    }

    /** Whether the run is on a card whose memory can be told. */
    public boolean isKnown() {
        return gpu != null && runtime != null;
    }

    /**
     * MiB of the card that are in use now, by all processes: PyTorch keeps what it once reserved, so that this is the run's
     * peak so far and what others hold. NaN on a CPU.
     */
    public double usedMebibytes() {
        return gpu == null || runtime == null
                ? Double.NaN
                : runtime.memory(gpu.index())
                        .map(memory -> memory.usedBytes() / MIB)
                        .orElse(Double.NaN);
    }

    /** Warns where the card is likely too small for what is to be trained, before any of it is on the card. */
    public void expect(List<Parameter> parameters, Consumer<String> says) {
        trained = parameters.stream()
                .mapToLong(parameter -> parameter.value().getShape().size())
                .sum();
        if (gpu == null) {
            return;
        }
        if (pass.precision() == Precision.BF16 && !gpu.computesBf16()) {
            says.accept(gpu.name() + " has compute capability " + gpu.capability()
                    + " and emulates bf16, slowly; model.dtype=fp16 is fast on it");
        }
        String warning = MemoryAdvice.expected(use(), gpu);
        if (!warning.isEmpty()) {
            says.accept(warning);
        }
    }

    /** The fault itself, or where it is a lack of the card's memory one that names the settings that take less. */
    public RuntimeException explained(RuntimeException fault) {
        return gpu != null && EngineFault.isOutOfGpuMemory(fault)
                ? new OutOfGpuMemoryException(MemoryAdvice.exceeded(use(), gpu), fault)
                : fault;
    }

    private MemoryUse use() {
        Precision precision = pass.precision();
        long frozen = training.fullUnet() ? 0 : bytes(Component.UNET, precision);
        if (training.textEncoders()) {
            frozen += bytes(Component.TEXT_ENCODER, precision) + bytes(Component.TEXT_ENCODER_2, precision);
        }
        return new MemoryUse(model.unetConfig(), pass, training, frozen, trained);
    }

    private long bytes(Component component, Precision precision) {
        if (!model.checkpoint().has(component)) {
            return 0;
        }
        return precision.bytes()
                * model.checkpoint().component(component).sources().values().stream()
                        .mapToLong(source -> Arrays.stream(source.shape()).reduce(1, (a, b) -> a * b))
                        .sum();
    }
}
