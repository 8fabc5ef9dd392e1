package atelier.diffusion.adapter;

import static atelier.diffusion.adapter.SingleLayer.KERNELS;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import atelier.diffusion.Golden;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.weights.TensorView;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every method on one layer, against LyCORIS and PEFT: see scripts/conformance/golden/methods.py. */
class MethodsGoldenTest {
    private static final double BAR = 1e-5;
    private static final List<String> GIVEN = List.of("in.weight", "in.bias", "in.x", "in.y_gradient");

    private static WeightForm form(SingleLayer single) {
        Map<String, TensorView> tensors = new LinkedHashMap<>();
        for (String name : single.golden.names()) {
            if (name.startsWith("in.") && !GIVEN.contains(name)) {
                tensors.put(name.substring(3), single.golden.view(name));
            }
        }
        boolean through = single.facts.path("norm_in_gradient").asBoolean(false);
        return new WeightForm(tensors, single.scale(), single.facts.get("rank").asInt(), through);
    }

    private static void agrees(SingleLayer single, AdapterModule module) {
        Golden golden = single.golden;
        float[][] result = single.run();
        module.collect();
        assertThat(Golden.relativeError(result[0], golden.floats("out.y")))
                .as("output")
                .isLessThan(BAR);
        assertThat(Golden.relativeError(result[1], golden.floats("grad.x")))
                .as("gradient of x")
                .isLessThan(BAR);
        for (Parameter parameter : module.parameters()) {
            String name = "grad." + parameter.name().substring("some.layer.".length());
            String stored = golden.names().contains(name) ? name : name + ".weight";
            assertThat(Golden.relativeError(parameter.gradient().toFloatArray(), golden.floats(stored)))
                    .as(name)
                    .isLessThan(BAR);
        }
        try (NDManager scope = KERNELS.manager().newSubManager()) {
            NDArray merged = module.layer().base().load(scope, Precision.FP32).add(module.update(scope));
            assertThat(Golden.relativeError(merged.toFloatArray(), golden.floats("out.merged")))
                    .as("merged")
                    .isLessThan(BAR);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dora-lycoris-by-input",
                "dora-lycoris-conv3",
                "dora-lycoris-linear",
                "dora-peft-conv3",
                "dora-peft-linear",
                "locon-conv1",
                "locon-conv3",
                "locon-conv3-stride2",
                "locon-linear",
                "locon-tucker",
                "loha-conv3",
                "loha-dora",
                "loha-linear",
                "loha-peft",
                "loha-tucker",
                "lokr-both",
                "lokr-conv3",
                "lokr-dora",
                "lokr-full-conv3",
                "lokr-full-linear",
                "lokr-linear",
                "lokr-peft",
                "lokr-tucker",
                "lora-peft-conv3",
                "lora-peft-linear"
            })
    void weightSpaceMethodsAgree(String name) {
        try (SingleLayer single = new SingleLayer(name);
                WeightModule module = new WeightModule(KERNELS, single.layer, form(single), true)) {
            agrees(single, module);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dora-peft-conv3",
                "dora-peft-linear",
                "locon-conv1",
                "locon-conv3",
                "locon-conv3-stride2",
                "locon-linear",
                "lora-peft-conv3",
                "lora-peft-linear"
            })
    void lowRankMethodsAgree(String name) {
        try (SingleLayer single = new SingleLayer(name)) {
            String suffix = single.golden.names().contains("in.lora_down") ? "" : ".weight";
            boolean decomposed = single.golden.names().contains("in.dora_scale");
            try (LowRank module = LowRank.of(
                    KERNELS,
                    single.layer,
                    single.scale(),
                    single.golden.floats("in.lora_down" + suffix),
                    single.golden.floats("in.lora_up" + suffix),
                    decomposed ? single.golden.floats("in.dora_scale") : null,
                    true)) {
                agrees(single, module);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pissa", "olora"})
    void partsOfTheWeightBeginAsPeftsDo(String name) {
        Golden golden = Golden.file("methods/" + name);
        AdapterInit init = name.equals("pissa") ? AdapterInit.PISSA : AdapterInit.OLORA;
        try (SingleLayer single = new SingleLayer(name);
                NDManager scope = KERNELS.manager().newSubManager();
                ResidualLowRank module = ResidualLowRank.fresh(KERNELS, single.layer, init, 4, 2)) {
            NDArray down = module.parameters().get(0).value();
            NDArray up = module.parameters().get(1).value();
            assertThat(Golden.relativeError(up.matMul(down).toFloatArray(), golden.floats("out.product")))
                    .isLessThan(BAR);
            assertThat(Golden.relativeError(single.block.get("l.weight").toFloatArray(), golden.floats("out.residual")))
                    .isLessThan(BAR);
            assertThat(module.update(scope).abs().max().getFloat()).isZero();
            KERNELS.run("scale_all", new ai.djl.ndarray.NDList(down), 1.5);
            Map<String, NDArray> exported = module.tensors();
            NDArray product = exported.get("lora_up.weight").matMul(exported.get("lora_down.weight"));
            float[] update = module.update(scope).toFloatArray();
            assertThat(Golden.relativeError(
                            product.mul(module.alpha() / module.rank()).toFloatArray(), update))
                    .isLessThan(BAR);
            assertThat(module.rank()).isEqualTo(8);
        }
    }

    @Test
    void closingGivesTheLayerItsWeightBack() {
        try (SingleLayer single = new SingleLayer("loha-linear")) {
            float[] base = single.golden.floats("in.weight");
            try (WeightModule module = new WeightModule(KERNELS, single.layer, form(single), true)) {
                assertThat(single.block.get("l.weight").toFloatArray()).isNotEqualTo(base);
                module.strength(0);
                assertThat(single.block.get("l.weight").toFloatArray()).isEqualTo(base);
                module.strength(0.5);
                float[] half = single.block.get("l.weight").toFloatArray();
                float[] whole = single.golden.floats("out.merged");
                for (int i = 0; i < base.length; i++) {
                    assertThat(half[i])
                            .isCloseTo((base[i] + whole[i]) / 2, org.assertj.core.api.Assertions.within(1e-6f));
                }
            }
            assertThat(single.block.get("l.weight").toFloatArray()).isEqualTo(base);
            assertThat(single.block.trains()).isFalse();
        }
    }

    @Test
    void sizesFactorAsInLycoris() {
        assertThat(LoKr.factors(127, -1)).containsExactly(1, 127);
        assertThat(LoKr.factors(128, -1)).containsExactly(8, 16);
        assertThat(LoKr.factors(250, 4)).containsExactly(2, 125);
        assertThat(LoKr.factors(250, 8)).containsExactly(5, 50);
        assertThat(LoKr.factors(360, 16)).containsExactly(15, 24);
        assertThat(LoKr.factors(360, -1)).containsExactly(18, 20);
        assertThat(LoKr.factors(360, 8)).containsExactly(8, 45);
        assertThat(LoKr.factors(1024, -1)).containsExactly(32, 32);
        assertThat(LoKr.factors(1024, 16)).containsExactly(16, 64);
    }
}
