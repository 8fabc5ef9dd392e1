package atelier.diffusion.adapter.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import atelier.diffusion.adapter.file.AdapterMethod;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.file.ModuleKey;
import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.adapter.file.RandomAdapters;
import atelier.diffusion.adapter.math.AdapterArithmetic.Strength;
import atelier.diffusion.adapter.math.AdapterArithmetic.Weighted;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.StateDict;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.TensorView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Adapters taken from the difference of the tiny model and the same with an adapter in it. */
class ExtractionTest {
    private static final Path MODELS = Path.of("src/test/resources/golden/models");

    /** A random LoRA on every layer of the UNet whose path holds a text, and on the text encoder's queries. */
    private static AdapterState adapter(Checkpoint base, String part, int rank) {
        Map<ModuleKey, ModuleState> modules = new TreeMap<>();
        for (Component component : List.of(Component.UNET, Component.TEXT_ENCODER)) {
            String wanted = component == Component.UNET ? part : "q_proj";
            base.component(component).sources().forEach((name, tensor) -> {
                if (name.contains(wanted) && name.endsWith(".weight") && tensor.shape().length > 1) {
                    String path = name.substring(0, name.length() - ".weight".length());
                    modules.put(new ModuleKey(component, path), lora(path, tensor.shape(), rank));
                }
            });
        }
        return new AdapterState(modules, Map.of());
    }

    private static ModuleState lora(String path, long[] shape, int rank) {
        long[] down = shape.clone();
        down[0] = rank;
        long[] up = shape.length == 4 ? new long[] {shape[0], rank, 1, 1} : new long[] {shape[0], rank};
        return new ModuleState(
                AdapterMethod.LORA,
                Map.of(
                        ModuleState.DOWN, RandomAdapters.random(path + "d", down),
                        ModuleState.UP, RandomAdapters.random(path + "u", up)),
                0.1 * rank,
                rank);
    }

    private static Checkpoint merged(Checkpoint base, AdapterState adapter) {
        Checkpoint merged = base;
        for (Component component : adapter.components()) {
            merged = merged.withWeights(
                    component,
                    AdapterArithmetic.merged(
                            base.component(component), component, List.of(new Weighted(adapter, Strength.all(1)))));
        }
        return merged;
    }

    @Test
    void theExtractedAdapterChangesTheBaseAsTheModelDiffered() throws IOException {
        Checkpoint base = Checkpoint.open(MODELS.resolve("sd1"));
        AdapterState adapter = adapter(base, "attn2", 3);
        Checkpoint tuned = merged(base, adapter);
        Extraction found = Extraction.of(base, tuned, SvdRank.fixed(3), null);
        assertThat(found.adapter().modules().keySet())
                .isEqualTo(adapter.modules().keySet());
        assertThat(found.kept()).isCloseTo(1, within(1e-5));
        assertThat(found.elsewhere()).isEmpty();
        Checkpoint again = merged(base, found.adapter());
        for (ModuleKey key : adapter.modules().keySet()) {
            float[] expected = weight(tuned, key);
            assertThat(weight(again, key))
                    .as(key.toString())
                    .usingComparatorWithPrecision(2e-4f)
                    .containsExactly(expected);
        }
        assertThat(Extraction.of(base, base, SvdRank.fixed(3), null).adapter().modules())
                .isEmpty();
    }

    private static float[] weight(Checkpoint model, ModuleKey key) {
        StateDict dict = model.component(key.component());
        return dict.tensor(key.path() + ".weight").toFloats();
    }

    @Test
    void aSmallerRankHoldsTheEnergyThatItSays() throws IOException {
        Checkpoint base = Checkpoint.open(MODELS.resolve("sd1"));
        AdapterState adapter = adapter(base, "attn1.to_q", 4);
        Extraction found = Extraction.of(base, merged(base, adapter), SvdRank.fixed(2), null);
        double whole = energy(adapter);
        assertThat(found.kept()).isBetween(0.5, 0.99).isCloseTo(energy(found.adapter()) / whole, within(1e-3));
        Extraction byEnergy = Extraction.of(base, merged(base, adapter), new SvdRank(4, 0.9), null);
        assertThat(byEnergy.kept()).isBetween(0.9, 0.9999);
    }

    private static double energy(AdapterState adapter) {
        return adapter.modules().values().stream()
                .mapToDouble(module -> Math.pow(Deltas.norm(module), 2))
                .sum();
    }

    @Test
    void convolutionsHaveARankOfTheirOwnAndWhatIsNotCarriedIsNamed() throws IOException {
        Checkpoint base = Checkpoint.open(MODELS.resolve("sd1"));
        Checkpoint tuned = merged(base, adapter(base, "resnets.0.conv1", 2));
        Extraction without = Extraction.of(base, tuned, SvdRank.fixed(2), null);
        assertThat(without.adapter().of(Component.UNET)).isEmpty();
        assertThat(without.elsewhere()).isNotEmpty().allMatch(name -> name.endsWith("resnets.0.conv1.weight"));
        Extraction with = Extraction.of(base, tuned, SvdRank.fixed(4), SvdRank.fixed(2));
        assertThat(with.elsewhere()).isEmpty();
        assertThat(with.adapter().of(Component.UNET).values())
                .isNotEmpty()
                .allMatch(module ->
                        module.rank() == 2 && module.tensor(ModuleState.DOWN).shape().length == 4);
        assertThat(with.kept()).isCloseTo(1, within(1e-5));
    }

    @Test
    void modelsOfDifferentFormAreRefused() throws IOException {
        Checkpoint base = Checkpoint.open(MODELS.resolve("sd1"));
        Checkpoint odd =
                base.withWeights(Component.UNET, Map.of("conv_in.weight", TensorView.ofFloats(new float[4], 2, 2)));
        assertThatThrownBy(() -> Extraction.of(base, odd, SvdRank.fixed(2), null))
                .hasMessageContaining("has another shape of 'conv_in.weight'");
    }
}
