package atelier.diffusion.adapter;

import static atelier.diffusion.SharedKernels.CPU;
import static atelier.diffusion.adapter.GoldenAdapter.predict;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import atelier.diffusion.Golden;
import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.Activation;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.tensor.Tape;
import atelier.diffusion.unet.UNet;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.name.Component;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LowRankGoldenTest {
    private static final LoadOptions FP32 = new LoadOptions(Precision.FP32, Use.ADAPTERS);

    private static UNet unet(String model) {
        return UNet.load(CPU, Golden.model(model).component(Component.UNET), FP32);
    }

    @ParameterizedTest
    @CsvSource({
        "lora-sd1, sd1, 115, 2.0",
        "lora-sd2, sd2, 72, 1.0",
        "lora-odd, odd, 180, 0.5",
        "rslora-sd1, sd1, 48, 1.0",
        "dora-sd1, sd1, 60, 2.0"
    })
    void predictionAndEveryGradientAgreeWithPeft(String name, String model, int modules, double scale) {
        Golden golden = Golden.file("adapters/" + name);
        try (UNet unet = unet(model);
                Adapter adapter = GoldenAdapter.of(CPU, unet, golden, scale);
                Tape tape = Tape.recording(CPU, CPU.manager())) {
            assertThat(adapter.modules()).hasSize(modules);
            Activation prediction = predict(tape, unet, golden);
            float[] values = prediction.value().toFloatArray();
            assertThat(Golden.relativeError(values, golden.floats("out.prediction")))
                    .isLessThan(1e-4);
            float[] target = golden.floats("in.target");
            float[] slope = new float[values.length];
            for (int i = 0; i < slope.length; i++) {
                slope[i] = 2 * (values[i] - target[i]) / values.length;
            }
            NDArray gradient = tape.scope().create(slope, prediction.value().getShape());
            tape.backward(prediction, gradient);
            adapter.collect();
            for (Parameter parameter : adapter.parameters()) {
                String reference = "grad."
                        + parameter.name().replace(".lora_down", ".lora_A").replace(".lora_up", ".lora_B");
                assertThat(Golden.relativeError(parameter.gradient().toFloatArray(), golden.floats(reference)))
                        .as(reference)
                        .isLessThan(1e-4);
            }
        }
    }

    @Test
    void mergedUpdatesAgreeWithPeft() {
        Golden golden = Golden.file("adapters/lora-sd1");
        Golden merged = Golden.file("adapters/lora-sd1-merged");
        int checked = 0;
        try (UNet unet = unet("sd1");
                Adapter adapter = GoldenAdapter.of(CPU, unet, golden, 2);
                NDManager scope = CPU.manager().newSubManager()) {
            for (AdapterModule module : adapter.modules()) {
                String name = "out.weight." + module.layer().path();
                if (merged.names().contains(name)) {
                    NDArray weight =
                            module.layer().base().load(scope, Precision.FP32).add(module.update(scope));
                    assertThat(Golden.relativeError(weight.toFloatArray(), merged.floats(name)))
                            .isLessThan(1e-6);
                    checked++;
                }
            }
        }
        assertThat(checked).isEqualTo(5);
    }

    @Test
    void freshAdaptersAndStrengthZeroAreTheBaseBitForBit() {
        Golden golden = Golden.file("adapters/lora-sd1");
        try (UNet unet = unet("sd1")) {
            float[] base = predict(unet, golden);
            for (boolean decomposed : new boolean[] {false, true}) {
                TorchRandom random = new TorchRandom(7);
                List<LowRank> fresh = unet.layers().stream()
                        .map(layer -> LowRank.fresh(CPU, layer, 2, 1, decomposed, random))
                        .toList();
                try (Adapter adapter = new Adapter(CPU, fresh)) {
                    assertThat(predict(unet, golden)).isEqualTo(base);
                }
            }
            try (Adapter adapter = GoldenAdapter.of(CPU, unet, golden, 2)) {
                float[] adapted = predict(unet, golden);
                assertThat(adapted).isNotEqualTo(base);
                adapter.strength(0);
                assertThat(predict(unet, golden)).isEqualTo(base);
                adapter.strength(0);
                adapter.strength(1);
                assertThat(predict(unet, golden)).isEqualTo(adapted);
            }
            assertThat(predict(unet, golden)).isEqualTo(base);
        }
    }

    @ParameterizedTest
    @CsvSource({"lora-sd1, sd1, 2.0", "lora-sd2, sd2, 1.0", "dora-sd1, sd1, 2.0"})
    void mergedWeightsPredictTheSameNoise(String name, String model, double scale) {
        Golden golden = Golden.file("adapters/" + name);
        try (UNet unet = unet(model);
                Adapter adapter = GoldenAdapter.of(CPU, unet, golden, scale)) {
            float[] attached = predict(unet, golden);
            Checkpoint merged = Merge.into(Golden.model(model), Component.UNET, adapter, 1, CPU);
            try (UNet whole = UNet.load(CPU, merged.component(Component.UNET), FP32)) {
                assertThat(Golden.relativeError(predict(whole, golden), attached))
                        .isLessThan(1e-5);
            }
        }
    }
}
