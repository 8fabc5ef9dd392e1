package atelier.diffusion.adapter;

import static atelier.diffusion.SharedKernels.CPU;

import ai.djl.ndarray.NDArray;
import atelier.diffusion.Golden;
import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.unet.UNet;
import atelier.diffusion.weights.name.Component;

/** A tiny random network in fp32 and adapters of it as settings plan them, for tests. */
final class AdaptedUNet implements AutoCloseable {
    private static final Golden INPUTS = Golden.file("adapters/lora-sd1");

    final UNet unet;
    private final Kernels kernels;

    AdaptedUNet() {
        this(CPU);
    }

    AdaptedUNet(Kernels kernels) {
        this.kernels = kernels;
        this.unet = UNet.load(
                kernels, Golden.model("sd1").component(Component.UNET), new LoadOptions(Precision.FP32, Use.ADAPTERS));
    }

    Adapter adapt(SettingsFixture choice) {
        return AdapterPlan.build(kernels, unet.layers(), choice.settings(), 5);
    }

    float[] predict() {
        return GoldenAdapter.predict(kernels, unet, INPUTS);
    }

    /** Moves every parameter a little, as training would. */
    static void disturb(Adapter adapter) {
        int seed = 0;
        for (Parameter parameter : adapter.parameters()) {
            float[] noise =
                    new TorchRandom(++seed).normal((int) parameter.value().size());
            for (int i = 0; i < noise.length; i++) {
                noise[i] *= 0.05f;
            }
            try (NDArray more = CPU.manager().create(noise, parameter.value().getShape());
                    NDArray moved = CPU.one(CPU.manager(), "sum_of", parameter.value(), more)) {
                CPU.run("copy_into", parameter.value(), moved);
            }
        }
        adapter.refresh();
    }

    @Override
    public void close() {
        unet.close();
    }
}
