package atelier.diffusion.adapter;

import static atelier.diffusion.SharedKernels.CPU;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import atelier.diffusion.Golden;
import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.tensor.Layer.Group;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.tensor.Tape;
import atelier.diffusion.unet.UNet;
import atelier.diffusion.weights.Component;
import atelier.diffusion.weights.adapter.AdapterState;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AdapterPlanTest {
    private static final Golden INPUTS = Golden.file("adapters/lora-sd1");
    private static UNet unet;

    @BeforeAll
    static void load() {
        unet = UNet.load(
                CPU, Golden.model("sd1").component(Component.UNET), new LoadOptions(Precision.FP32, Use.ADAPTERS));
    }

    @AfterAll
    static void unload() {
        unet.close();
    }

    /** Settings for tests: a plain LoRA, with a change. */
    private static final class Choice {
        AdapterMethodName method = AdapterMethodName.LORA;
        AdapterInit init = AdapterInit.DEFAULT;
        List<Group> targets = List.of(Group.ATTENTION, Group.RESNETS);
        Integer convRank;
        boolean lengths;
        boolean tucker;
        double dropout;
        double rankDropout;
        double moduleDropout;
        Map<String, Integer> ranks = Map.of();
        Map<String, Double> alphas = Map.of();
        Map<String, Double> rates = Map.of();
        List<String> exclude = List.of();

        AdapterSettings of() {
            return new AdapterSettings(
                    method,
                    4,
                    4,
                    targets,
                    false,
                    init,
                    convRank,
                    null,
                    lengths,
                    tucker,
                    -1,
                    false,
                    false,
                    dropout,
                    rankDropout,
                    moduleDropout,
                    0,
                    ranks,
                    alphas,
                    rates,
                    exclude,
                    false,
                    null);
        }

        Adapter build() {
            return AdapterPlan.build(CPU, unet.layers(), of(), 5);
        }
    }

    private static float[] predict() {
        try (Tape tape = Tape.inference(CPU, CPU.manager())) {
            NDManager scope = tape.scope();
            long[] steps = INPUTS.longs("in.timesteps");
            float[] timesteps = new float[steps.length];
            for (int i = 0; i < steps.length; i++) {
                timesteps[i] = steps[i];
            }
            return unet.forward(
                            tape,
                            INPUTS.array(scope, "in.sample"),
                            scope.create(timesteps),
                            tape.input(INPUTS.array(scope, "in.text")))
                    .value()
                    .toFloatArray();
        }
    }

    /** Moves every parameter a little, as training would. */
    private static void disturb(Adapter adapter) {
        int seed = 0;
        for (Parameter parameter : adapter.parameters()) {
            float[] noise =
                    new TorchRandom(++seed).normal((int) parameter.value().size());
            for (int i = 0; i < noise.length; i++) {
                noise[i] *= 0.05f;
            }
            try (NDArray more = CPU.manager().create(noise, parameter.value().getShape())) {
                CPU.run("add_into", parameter.value(), more);
            }
        }
        adapter.refresh();
    }

    @ParameterizedTest
    @EnumSource(AdapterMethodName.class)
    void everyMethodBeginsAsTheBaseAndSurvivesItsFile(AdapterMethodName method) {
        float[] base = predict();
        for (boolean lengths : new boolean[] {false, true}) {
            Choice choice = new Choice();
            choice.method = method;
            choice.lengths = lengths && method != AdapterMethodName.DORA && method != AdapterMethodName.FULL;
            float[] changed;
            AdapterState saved;
            try (Adapter adapter = choice.build()) {
                assertThat(Golden.relativeError(predict(), base)).isLessThan(1e-5);
                disturb(adapter);
                changed = predict();
                assertThat(Golden.relativeError(changed, base)).isGreaterThan(1e-3);
                saved = AdapterFiles.state(adapter, Component.UNET);
                adapter.strength(0);
                assertThat(predict()).isEqualTo(base);
            }
            assertThat(predict()).isEqualTo(base);
            try (Adapter again = AdapterFiles.attach(CPU, unet.layers(), saved.of(Component.UNET), false)) {
                assertThat(again.parameters()).isEmpty();
                assertThat(Golden.relativeError(predict(), changed)).isLessThan(1e-5);
            }
        }
        assertThat(predict()).isEqualTo(base);
    }

    @ParameterizedTest
    @EnumSource(AdapterInit.class)
    void everyStartIsTheBase(AdapterInit init) {
        Choice choice = new Choice();
        choice.init = init;
        float[] base = predict();
        try (Adapter adapter = choice.build()) {
            assertThat(Golden.relativeError(predict(), base)).isLessThan(1e-4);
        }
        assertThat(predict()).isEqualTo(base);
    }

    @Test
    void tuckerFormsBeginAsTheBase() {
        float[] base = predict();
        for (AdapterMethodName method :
                List.of(AdapterMethodName.LOCON, AdapterMethodName.LOHA, AdapterMethodName.LOKR)) {
            Choice choice = new Choice();
            choice.method = method;
            choice.tucker = true;
            try (Adapter adapter = choice.build()) {
                assertThat(Golden.relativeError(predict(), base)).isLessThan(1e-5);
                assertThat(adapter.parameters().stream()
                                .anyMatch(parameter -> parameter.name().matches(".*(_mid|_t[12])")))
                        .isEqualTo(method != AdapterMethodName.LOKR || hasCore(adapter));
            }
        }
    }

    /** LoKr has a core only where the rank is small beside its second factor. */
    private static boolean hasCore(Adapter adapter) {
        return adapter.modules().stream().anyMatch(module -> module.tensors().containsKey("lokr_t2"));
    }

    @Test
    void patternsChooseRankAlphaAndRateAndTheLongestCounts() {
        Choice choice = new Choice();
        choice.targets = List.of(Group.ATTENTION);
        choice.ranks = Map.of("up_blocks.*", 2, "*.attn2.*", 3, "up_blocks.*.attn2.to_q", 1);
        choice.alphas = Map.of("mid_block.*", 8.0);
        choice.rates = Map.of("attention", 0.5, "down_blocks.*", 0.25);
        choice.exclude = List.of("*.to_v");
        try (Adapter adapter = choice.build()) {
            for (AdapterModule module : adapter.modules()) {
                String path = module.layer().path();
                int expected = path.startsWith("up_blocks.") && path.endsWith("attn2.to_q")
                        ? 1
                        : path.startsWith("up_blocks.") ? 2 : path.contains(".attn2.") ? 3 : 4;
                assertThat(module.rank()).as(path).isEqualTo(expected);
                assertThat(module.alpha()).isCloseTo(path.startsWith("mid_block.") ? 8 : 4, within(1e-9));
                assertThat(AdapterPlan.rate(Component.UNET, module.layer(), choice.of()))
                        .isEqualTo(path.startsWith("down_blocks.") ? 0.25 : 0.5);
                assertThat(path).doesNotEndWith(".to_v");
            }
        }
        choice.ranks = Map.of("upblocks.*", 2);
        assertThatThrownBy(choice::build).hasMessageStartingWith("adapter.ranks: 'upblocks.*' fits no layer");
        choice.ranks = Map.of();
        choice.exclude = List.of("*");
        assertThatThrownBy(choice::build).hasMessageContaining("names no layer");
    }

    @Test
    void loconTakesConvolutionsWithTheirOwnRank() {
        Choice choice = new Choice();
        choice.method = AdapterMethodName.LOCON;
        choice.targets = List.of(Group.ATTENTION);
        choice.convRank = 2;
        try (Adapter adapter = choice.build()) {
            assertThat(adapter.modules().stream().map(AdapterModule::layer).anyMatch(layer -> layer.kernel() == 3))
                    .isTrue();
            for (AdapterModule module : adapter.modules()) {
                assertThat(module.rank()).isEqualTo(module.layer().kernel() == 3 ? 2 : 4);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = AdapterMethodName.class,
            names = {"LORA", "DORA", "LOHA"})
    void dropoutIsAFunctionOfSeedAndStepAndCanBeLifted(AdapterMethodName method) {
        Choice choice = new Choice();
        choice.method = method;
        try (Adapter adapter = choice.build()) {
            disturb(adapter);
            float[] whole = predict();
            double network = method == AdapterMethodName.LOHA ? 0 : 0.3;
            Dropout rates = new Dropout(network, 0.3, 0.3);
            adapter.dropout(rates, 1, 7);
            float[] some = predict();
            assertThat(some).isNotEqualTo(whole);
            adapter.dropout(rates, 1, 8);
            assertThat(predict()).isNotEqualTo(some);
            adapter.dropout(rates, 1, 7);
            assertThat(predict()).isEqualTo(some);
            adapter.dropout(Dropout.NONE, 1, 7);
            assertThat(predict()).isEqualTo(whole);
        }
    }

    @Test
    void aDroppedModuleIsTheBaseAndLearnsNothing() {
        for (AdapterMethodName method :
                List.of(AdapterMethodName.LORA, AdapterMethodName.DORA, AdapterMethodName.LOKR)) {
            try (SingleLayer single = new SingleLayer("loha-linear")) {
                float[] base = single.forward();
                Choice choice = new Choice();
                choice.method = method;
                try (Adapter adapter = AdapterPlan.build(SingleLayer.KERNELS, List.of(single.layer), choice.of(), 5)) {
                    for (Parameter parameter : adapter.parameters()) {
                        SingleLayer.KERNELS.run("ones_into", parameter.value());
                    }
                    adapter.refresh();
                    assertThat(single.forward()).isNotEqualTo(base);
                    adapter.dropout(new Dropout(0, 0, Math.nextDown(1.0)), 1, 1);
                    assertThat(Golden.relativeError(single.forward(), base)).isLessThan(1e-6);
                    single.run();
                    adapter.collect();
                    for (Parameter parameter : adapter.parameters()) {
                        assertThat(parameter.gradient().abs().max().getFloat()).isZero();
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = AdapterMethodName.class,
            names = {"LORA", "LOCON", "LOHA", "LOKR", "FULL"})
    void normsAreLimited(AdapterMethodName method) {
        Choice choice = new Choice();
        choice.method = method;
        try (Adapter adapter = choice.build();
                NDManager scope = CPU.manager().newSubManager()) {
            disturb(adapter);
            assertThat(adapter.limitNorms(0.05)).isPositive();
            for (AdapterModule module : adapter.modules()) {
                float norm = module.update(scope).norm().getFloat();
                assertThat(norm).isLessThan(0.0501f);
            }
            assertThat(adapter.limitNorms(1)).isZero();
        }
    }

    @Test
    void whatWouldDoNothingIsRefused() {
        Choice choice = new Choice();
        choice.method = AdapterMethodName.LOHA;
        choice.dropout = 0.1;
        assertThatThrownBy(choice::of).hasMessageStartingWith("adapter.dropout");
        choice.dropout = 0;
        choice.init = AdapterInit.PISSA;
        assertThatThrownBy(choice::of).hasMessageStartingWith("adapter.init");
        choice.method = AdapterMethodName.LORA;
        choice.moduleDropout = 0.1;
        assertThatThrownBy(choice::of).hasMessageContaining("adapter.module_dropout");
        choice.moduleDropout = 0;
        choice.init = AdapterInit.DEFAULT;
        choice.rankDropout = 1;
        assertThatThrownBy(choice::of).hasMessageStartingWith("adapter.rank_dropout must be from 0 to below 1");
    }

    @Test
    void anAdapterForAnotherModelIsRefused() {
        try (Adapter adapter = new Choice().build()) {
            Layer layer = unet.layers().get(0);
            AdapterState saved = AdapterFiles.state(adapter, Component.UNET);
            assertThatThrownBy(() -> AdapterFiles.attach(CPU, List.of(layer), saved.of(Component.UNET), false))
                    .hasMessageContaining("is it for another model?");
        }
    }
}
