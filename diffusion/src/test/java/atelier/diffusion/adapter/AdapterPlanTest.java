package atelier.diffusion.adapter;

import static atelier.diffusion.SharedKernels.CPU;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import atelier.diffusion.Golden;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.settings.AdapterInit;
import atelier.diffusion.adapter.settings.AdapterMethodName;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.tensor.Layer.Group;
import atelier.diffusion.weights.name.Component;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AdapterPlanTest {
    private static AdaptedUNet network;

    @BeforeAll
    static void load() {
        network = new AdaptedUNet();
    }

    @AfterAll
    static void unload() {
        network.close();
    }

    @ParameterizedTest
    @EnumSource(AdapterMethodName.class)
    void everyMethodBeginsAsTheBaseAndSurvivesItsFile(AdapterMethodName method) {
        float[] base = network.predict();
        for (boolean lengths : new boolean[] {false, true}) {
            SettingsFixture choice = new SettingsFixture();
            choice.method = method;
            choice.lengths = lengths
                    && List.of(
                                    AdapterMethodName.LORA,
                                    AdapterMethodName.LOCON,
                                    AdapterMethodName.LOHA,
                                    AdapterMethodName.LOKR)
                            .contains(method);
            float[] changed;
            AdapterState saved;
            try (Adapter adapter = network.adapt(choice)) {
                assertThat(Golden.relativeError(network.predict(), base)).isLessThan(1e-5);
                AdaptedUNet.disturb(adapter);
                changed = network.predict();
                assertThat(Golden.relativeError(changed, base)).isGreaterThan(1e-3);
                saved = AdapterFiles.state(adapter, Component.UNET);
                adapter.strength(0);
                assertThat(network.predict()).isEqualTo(base);
            }
            assertThat(network.predict()).isEqualTo(base);
            try (Adapter again = AdapterFiles.attach(CPU, network.unet.layers(), saved.of(Component.UNET), false)) {
                assertThat(again.parameters()).isEmpty();
                assertThat(Golden.relativeError(network.predict(), changed)).isLessThan(1e-5);
            }
        }
        assertThat(network.predict()).isEqualTo(base);
    }

    @ParameterizedTest
    @EnumSource(AdapterInit.class)
    void everyStartIsTheBase(AdapterInit init) {
        SettingsFixture choice = new SettingsFixture();
        choice.init = init;
        float[] base = network.predict();
        try (Adapter adapter = network.adapt(choice)) {
            assertThat(Golden.relativeError(network.predict(), base)).isLessThan(1e-4);
        }
        assertThat(network.predict()).isEqualTo(base);
    }

    @Test
    void tuckerFormsBeginAsTheBase() {
        float[] base = network.predict();
        for (AdapterMethodName method :
                List.of(AdapterMethodName.LOCON, AdapterMethodName.LOHA, AdapterMethodName.LOKR)) {
            SettingsFixture choice = new SettingsFixture();
            choice.method = method;
            choice.tucker = true;
            try (Adapter adapter = network.adapt(choice)) {
                assertThat(Golden.relativeError(network.predict(), base)).isLessThan(1e-5);
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
        SettingsFixture choice = new SettingsFixture();
        choice.targets = List.of(Group.ATTENTION);
        choice.ranks = Map.of("up_blocks.*", 2, "*.attn2.*", 3, "up_blocks.*.attn2.to_q", 1);
        choice.alphas = Map.of("mid_block.*", 8.0);
        choice.rates = Map.of("attention", 0.5, "down_blocks.*", 0.25);
        choice.exclude = List.of("*.to_v");
        try (Adapter adapter = network.adapt(choice)) {
            for (AdapterModule module : adapter.modules()) {
                String path = module.layer().path();
                int expected = path.startsWith("up_blocks.") && path.endsWith("attn2.to_q")
                        ? 1
                        : path.startsWith("up_blocks.") ? 2 : path.contains(".attn2.") ? 3 : 4;
                assertThat(module.rank()).as(path).isEqualTo(expected);
                assertThat(module.alpha()).isCloseTo(path.startsWith("mid_block.") ? 8 : 4, within(1e-9));
                assertThat(AdapterPlan.rate(Component.UNET, module.layer(), choice.settings()))
                        .isEqualTo(path.startsWith("down_blocks.") ? 0.25 : 0.5);
                assertThat(path).doesNotEndWith(".to_v");
            }
        }
        choice.ranks = Map.of("upblocks.*", 2);
        assertThatThrownBy(() -> network.adapt(choice))
                .hasMessageStartingWith("adapter.ranks: 'upblocks.*' fits no layer");
        choice.ranks = Map.of();
        choice.exclude = List.of("*");
        assertThatThrownBy(() -> network.adapt(choice)).hasMessageContaining("names no layer");
    }

    @Test
    void loconTakesConvolutionsWithTheirOwnRank() {
        SettingsFixture choice = new SettingsFixture();
        choice.method = AdapterMethodName.LOCON;
        choice.targets = List.of(Group.ATTENTION);
        choice.convRank = 2;
        try (Adapter adapter = network.adapt(choice)) {
            assertThat(adapter.modules().stream().map(AdapterModule::layer).anyMatch(layer -> layer.kernel() == 3))
                    .isTrue();
            for (AdapterModule module : adapter.modules()) {
                assertThat(module.rank()).isEqualTo(module.layer().kernel() == 3 ? 2 : 4);
            }
        }
    }

    @Test
    void whatWouldDoNothingIsRefused() {
        SettingsFixture choice = new SettingsFixture();
        choice.method = AdapterMethodName.LOHA;
        choice.dropout = 0.1;
        assertThatThrownBy(choice::settings).hasMessageStartingWith("adapter.dropout");
        choice.dropout = 0;
        choice.init = AdapterInit.PISSA;
        assertThatThrownBy(choice::settings).hasMessageStartingWith("adapter.init");
        choice.method = AdapterMethodName.LORA;
        choice.moduleDropout = 0.1;
        assertThatThrownBy(choice::settings).hasMessageContaining("adapter.module_dropout");
        choice.moduleDropout = 0;
        choice.init = AdapterInit.DEFAULT;
        choice.rankDropout = 1;
        assertThatThrownBy(choice::settings).hasMessageStartingWith("adapter.rank_dropout must be from 0 to below 1");
    }

    @Test
    void anAdapterForAnotherModelIsRefused() {
        try (Adapter adapter = network.adapt(new SettingsFixture())) {
            Layer layer = network.unet.layers().get(0);
            AdapterState saved = AdapterFiles.state(adapter, Component.UNET);
            assertThatThrownBy(() -> AdapterFiles.attach(CPU, List.of(layer), saved.of(Component.UNET), false))
                    .hasMessageContaining("it is for another model");
        }
    }
}
