package atelier.diffusion.adapter.math;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.file.ModuleKey;
import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.adapter.file.RandomAdapters;
import atelier.diffusion.weights.StateDict;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AdapterArithmeticTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path METHODS = Path.of("src/test/resources/golden/methods");
    private static final ModuleKey KEY = new ModuleKey(Component.UNET, "a.b");

    static Stream<Path> methods() throws IOException {
        try (Stream<Path> files = Files.list(METHODS)) {
            return files
                    .filter(file -> !file.getFileName().toString().matches("(olora|pissa).*"))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    private static ModuleState module(SafetensorsFile file) throws IOException {
        Map<String, TensorSource> tensors = new HashMap<>();
        file.tensors().forEach((name, tensor) -> {
            String role = name.substring(name.indexOf('.') + 1);
            if (name.equals("in.multipliers")) {
                tensors.put(ModuleState.MULTIPLIERS, tensor);
            } else if (name.startsWith("in.") && role.matches("(lora|hada|lokr|dora|[ab][12]|oft_blocks|rescale).*")) {
                tensors.put(role.matches("lora_(down|up)") ? role + ".weight" : role, tensor);
            }
        });
        TensorSource magnitude = tensors.get(ModuleState.DORA);
        if (magnitude != null && file.path().toString().contains("peft")) {
            tensors.put(
                    ModuleState.DORA, magnitude.view().reshape(magnitude.view().elements(), 1));
        }
        JsonNode facts = JSON.readTree(file.metadata().get("facts"));
        if (tensors.containsKey(ModuleState.MULTIPLIERS)) {
            float mark = facts.get("train_on_input").asBoolean() ? 1 : 0;
            tensors.put(ModuleState.ON_INPUT, TensorView.ofFloats(new float[] {mark}));
        }
        boolean rotates = tensors.containsKey(ModuleState.OFT_BLOCKS);
        return ModuleState.of(
                tensors,
                rotates
                        ? facts.path("constraint").asDouble(0)
                        : facts.get("alpha").asDouble());
    }

    @ParameterizedTest
    @MethodSource("methods")
    void everyMethodMergesAsItsReference(Path path) throws IOException {
        SafetensorsFile file = SafetensorsFile.open(path);
        TensorView merged = Deltas.merged(file.tensors().get("in.weight"), module(file), 1);
        assertThat(merged.toFloats())
                .usingComparatorWithPrecision(1e-5f)
                .containsExactly(file.tensors().get("out.merged").toFloats());
    }

    @Test
    void strengthZeroLeavesTheWeightBitForBit() {
        StateDict base = base();
        AdapterState adapter = new AdapterState(Map.of(KEY, RandomAdapters.linear("a", 2, 2, 12, 20)), Map.of());
        Map<String, TensorSource> merged = AdapterArithmetic.merged(
                base,
                Component.UNET,
                List.of(new AdapterArithmetic.Weighted(adapter, AdapterArithmetic.Strength.all(0))));
        assertThat(merged.get("a.b.weight").data())
                .isEqualTo(base.tensor("a.b.weight").data());
        assertThat(merged.get("a.b.bias")).isSameAs(base.sources().get("a.b.bias"));
    }

    private static StateDict base() {
        return new StateDict(
                "base",
                Map.of("a.b.weight", RandomAdapters.random("w", 20, 12), "a.b.bias", RandomAdapters.random("b", 20)),
                JSON.createObjectNode());
    }

    @Test
    void addedAdaptersMergeAsTheirSum() {
        AdapterState one = new AdapterState(Map.of(KEY, RandomAdapters.linear("a", 2, 4, 12, 20)), Map.of());
        AdapterState two = new AdapterState(Map.of(KEY, RandomAdapters.linear("b", 3, 1, 12, 20)), Map.of());
        List<AdapterArithmetic.Weighted> both = List.of(
                new AdapterArithmetic.Weighted(one, AdapterArithmetic.Strength.all(0.7)),
                new AdapterArithmetic.Weighted(two, AdapterArithmetic.Strength.all(-0.5)));
        AdapterState sum = AdapterArithmetic.sum(both, Map.of());
        assertThat(sum.ranks()).containsExactly(5);
        TensorView apart = AdapterArithmetic.merged(base(), Component.UNET, both)
                .get("a.b.weight")
                .view();
        TensorView together = AdapterArithmetic.merged(
                        base(),
                        Component.UNET,
                        List.of(new AdapterArithmetic.Weighted(sum, AdapterArithmetic.Strength.all(1))))
                .get("a.b.weight")
                .view();
        assertThat(together.toFloats()).usingComparatorWithPrecision(1e-5f).containsExactly(apart.toFloats());
    }

    @Test
    void anAdapterForAnotherModelIsRefused() {
        AdapterState adapter = new AdapterState(Map.of(KEY, RandomAdapters.linear("a", 2, 4, 13, 20)), Map.of());
        List<AdapterArithmetic.Weighted> list =
                List.of(new AdapterArithmetic.Weighted(adapter, AdapterArithmetic.Strength.all(1)));
        Map<String, TensorSource> merged = AdapterArithmetic.merged(base(), Component.UNET, list);
        assertThatThrownBy(() -> merged.get("a.b.weight").data())
                .hasMessageContaining("makes an update of 20 x 13 for a weight [20, 12]")
                .hasMessageContaining("is the adapter for this base model?");
        AdapterState other = new AdapterState(
                Map.of(new ModuleKey(Component.UNET, "z"), RandomAdapters.linear("a", 2, 4, 12, 20)), Map.of());
        assertThatThrownBy(() -> AdapterArithmetic.merged(
                        base(),
                        Component.UNET,
                        List.of(new AdapterArithmetic.Weighted(other, AdapterArithmetic.Strength.all(1)))))
                .hasMessageContaining("base has no layer 'z'");
    }

    @Test
    void resizingToAtLeastTheRankLosesNothing() {
        ModuleState module = RandomAdapters.linear("a", 4, 2, 12, 20);
        AdapterState resized =
                ResizeBySvd.resize(new AdapterState(Map.of(KEY, module), Map.of()), SvdRank.fixed(4), Map.of());
        assertThat(Deltas.of(resized.modules().get(KEY), new long[] {20, 12}).values())
                .usingComparatorWithPrecision(1e-4f)
                .containsExactly(Deltas.of(module, new long[] {20, 12}).values());
    }

    @Test
    void energyDecidesTheRank() {
        // Two directions with singular values 3 and 1: the first holds 90 % of the energy.
        Matrix up = new Matrix(3, 2, new float[] {3, 0, 0, 1, 0, 0});
        Matrix down = new Matrix(2, 3, new float[] {1, 0, 0, 0, 0, 1});
        AdapterState adapter =
                new AdapterState(Map.of(KEY, AdapterArithmetic.lora(up, down, new long[] {3, 3})), Map.of());
        assertThat(ResizeBySvd.resize(adapter, new SvdRank(2, 0.89), Map.of()).ranks())
                .containsExactly(1);
        assertThat(ResizeBySvd.resize(adapter, new SvdRank(2, 0.91), Map.of()).ranks())
                .containsExactly(2);
        ModuleState one = ResizeBySvd.resize(adapter, SvdRank.fixed(1), Map.of())
                .modules()
                .get(KEY);
        assertThat(Deltas.norm(one)).isCloseTo(3, within(1e-6));
    }

    @Test
    void lohaResizesToTheBestLora() throws IOException {
        SafetensorsFile file = SafetensorsFile.open(METHODS.resolve("loha-conv3.safetensors"));
        ModuleState loha = module(file);
        long[] shape = file.tensors().get("in.weight").shape();
        AdapterState adapter = new AdapterState(Map.of(KEY, loha), Map.of());
        ModuleState whole = ResizeBySvd.resize(adapter, SvdRank.fixed(8), Map.of(KEY, shape))
                .modules()
                .get(KEY);
        assertThat(whole.tensor(ModuleState.DOWN).shape()).containsExactly(8, 6, 3, 3);
        assertThat(Deltas.of(whole, shape).values())
                .usingComparatorWithPrecision(1e-4f)
                .containsExactly(Deltas.of(loha, shape).values());
        assertThatThrownBy(() -> ResizeBySvd.resize(adapter, SvdRank.fixed(8), Map.of()))
                .hasMessageContaining("does not say its layer's shape; give the base model too");
    }

    @Test
    void singularValuesOfALargeMatrixAreTheExactOnes() {
        Matrix matrix = Deltas.flat(RandomAdapters.random("m", 60, 40));
        Svd exact = Svd.exact(matrix);
        Svd leading = Svd.leading(matrix, 5, 1);
        for (int k = 0; k < 5; k++) {
            assertThat(leading.values()[k]).isCloseTo(exact.values()[k], within(0.02 * exact.values()[k]));
        }
        Matrix scaled = exact.left();
        for (int i = 0; i < scaled.values().length; i++) {
            scaled.values()[i] *= (float) exact.values()[i % scaled.columns()];
        }
        assertThat(scaled.times(exact.right().transposed()).values())
                .usingComparatorWithPrecision(1e-4f)
                .containsExactly(matrix.values());
    }
}
