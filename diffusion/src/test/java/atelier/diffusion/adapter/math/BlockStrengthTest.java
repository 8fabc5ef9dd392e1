package atelier.diffusion.adapter.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.adapter.file.AdapterMethod;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.file.ModuleKey;
import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.adapter.file.RandomAdapters;
import atelier.diffusion.adapter.math.AdapterArithmetic.Strength;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.WeightsException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class BlockStrengthTest {
    private static final ModuleKey FIRST = new ModuleKey(Component.UNET, "down_blocks.1.attentions.0.proj_in");
    private static final ModuleKey TENTH = new ModuleKey(Component.UNET, "down_blocks.10.attentions.0.proj_in");
    private static final ModuleKey TEXT =
            new ModuleKey(Component.TEXT_ENCODER, "text_model.encoder.layers.0.self_attn.q_proj");

    private static AdapterState adapter() {
        Map<ModuleKey, ModuleState> modules = new TreeMap<>();
        for (ModuleKey key : List.of(FIRST, TENTH, TEXT)) {
            modules.put(key, RandomAdapters.linear(key.path(), 2, 4, 6, 8));
        }
        return new AdapterState(modules, Map.of());
    }

    @Test
    void theLongestBlockThatCoversALayerCounts() {
        Strength strength = BlockStrength.of(
                2,
                List.of(
                        BlockStrength.parse("unet:0.5"),
                        BlockStrength.parse("down_blocks.1:0.25"),
                        BlockStrength.parse("text_encoder: 3")));
        assertThat(strength.of(FIRST)).isEqualTo(0.5);
        assertThat(strength.of(TENTH)).isEqualTo(1);
        assertThat(strength.of(TEXT)).isEqualTo(6);
        assertThat(BlockStrength.of(0.7, List.of()).of(FIRST)).isEqualTo(0.7);
    }

    @Test
    void aBlockWithoutLayersIsRefusedWithThoseThatThereAre() {
        assertThatThrownBy(() -> BlockStrength.check(List.of(BlockStrength.parse("up_blocks.1:2")), List.of(adapter())))
                .hasMessage("no layer of the adapter lies in up_blocks.1; it has unet.down_blocks.1,"
                        + " unet.down_blocks.10, text_encoder.layers.0");
        for (String wrong : List.of("mid_block", "mid_block:", ":1", "a/b:1", "mid_block:NaN")) {
            assertThatThrownBy(() -> BlockStrength.parse(wrong))
                    .as(wrong)
                    .isInstanceOf(WrongCommandException.class)
                    .hasMessageMatching("(?s).*(such as|must be a number).*");
        }
    }

    @Test
    void scaledLayersChangeTheirWeightsAsMuchAsTheStrengthSays() {
        AdapterState scaled = Scaling.scaled(adapter(), key -> key.equals(FIRST) ? 0 : key.equals(TEXT) ? 1 : -0.5);
        assertThat(scaled.modules().keySet()).containsExactly(TENTH, TEXT);
        float[] before =
                Deltas.of(adapter().modules().get(TENTH), new long[] {8, 6}).values();
        float[] after =
                Deltas.of(scaled.modules().get(TENTH), new long[] {8, 6}).values();
        for (int i = 0; i < before.length; i++) {
            assertThat(after[i]).isEqualTo(-0.5f * before[i]);
        }
        assertThat(scaled.modules().get(TEXT).alpha()).isEqualTo(4);
        assertThatThrownBy(() -> Scaling.scaled(adapter(), Strength.all(0))).hasMessageContaining("strength is 0");
    }

    @Test
    void whatHasNoAlphaIsScaledInItsTensor() {
        ModuleState full =
                new ModuleState(AdapterMethod.FULL, Map.of(ModuleState.DIFF, RandomAdapters.random("f", 8, 6)), 0, 0);
        AdapterState adapter = new AdapterState(Map.of(FIRST, full), Map.of());
        ModuleState scaled = Scaling.scaled(adapter, Strength.all(2)).modules().get(FIRST);
        assertThat(Deltas.norm(scaled)).isEqualTo(2 * Deltas.norm(full));
    }

    @Test
    void doraIsNotScaled() {
        ModuleState plain = RandomAdapters.linear("d", 2, 4, 6, 8);
        Map<String, atelier.diffusion.weights.safetensors.TensorSource> tensors = new TreeMap<>(plain.tensors());
        tensors.put(ModuleState.DORA, RandomAdapters.random("m", 8, 1));
        AdapterState adapter =
                new AdapterState(Map.of(FIRST, new ModuleState(AdapterMethod.LORA, tensors, 4, 2)), Map.of());
        assertThat(Scaling.scaled(adapter, Strength.all(1)).modules()).isEqualTo(adapter.modules());
        assertThatThrownBy(() -> Scaling.scaled(adapter, Strength.all(0.5)))
                .isInstanceOf(WeightsException.class)
                .hasMessageContaining("is DoRA")
                .hasMessageContaining("merge it into them");
    }
}
