package atelier.diffusion.adapter;

import static atelier.diffusion.adapter.SingleLayer.KERNELS;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import atelier.diffusion.Golden;
import atelier.diffusion.adapter.settings.AdapterInit;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every method on one layer, against LyCORIS and PEFT: see scripts/conformance/golden/methods.py. */
class MethodsGoldenTest {
    private static final double BAR = 1e-5;

    private static void agree(MethodErrors errors) {
        assertThat(errors).isNotNull();
        assertThat(errors.output()).as("output").isLessThan(BAR);
        assertThat(errors.gradients()).as("gradients").isLessThan(BAR);
        assertThat(errors.merged()).as("merged").isLessThan(BAR);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "boft-bound-conv3",
                "boft-bound-linear",
                "boft-conv1",
                "boft-conv3",
                "boft-linear",
                "dora-lycoris-by-input",
                "dora-lycoris-conv3",
                "dora-lycoris-linear",
                "dora-peft-conv3",
                "dora-peft-linear",
                "glora-conv1",
                "glora-conv3",
                "glora-linear",
                "ia3-conv1",
                "ia3-conv3",
                "ia3-input-conv3",
                "ia3-input-linear",
                "ia3-linear",
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
                "lora-peft-linear",
                "oft-bound-conv3",
                "oft-bound-linear",
                "oft-conv1",
                "oft-conv3",
                "oft-linear"
            })
    void weightSpaceMethodsAgree(String name) {
        agree(MethodErrors.of(Golden.file("methods/" + name)).get("weight"));
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
        agree(MethodErrors.of(Golden.file("methods/" + name)).get("low rank"));
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
            try (WeightModule module = new WeightModule(KERNELS, single.layer, MethodErrors.form(single), true)) {
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
