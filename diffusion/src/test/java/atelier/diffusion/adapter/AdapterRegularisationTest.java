package atelier.diffusion.adapter;

import static atelier.diffusion.SharedKernels.CPU;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import atelier.diffusion.Golden;
import atelier.diffusion.adapter.settings.AdapterMethodName;
import atelier.diffusion.adapter.settings.Dropout;
import atelier.diffusion.tensor.Execution;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Parameter;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Dropout and the limit of norms. */
class AdapterRegularisationTest {
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
    @EnumSource(
            value = AdapterMethodName.class,
            names = {"LORA", "DORA", "LOHA"})
    void dropoutIsAFunctionOfSeedAndStepAndCanBeLifted(AdapterMethodName method) {
        SettingsFixture choice = new SettingsFixture();
        choice.method = method;
        try (Adapter adapter = network.adapt(choice)) {
            AdaptedUNet.disturb(adapter);
            float[] whole = network.predict();
            double activations = method == AdapterMethodName.LOHA ? 0 : 0.3;
            Dropout rates = new Dropout(activations, 0.3, 0.3);
            adapter.dropout(rates, 1, 7);
            float[] some = network.predict();
            assertThat(some).isNotEqualTo(whole);
            adapter.dropout(rates, 1, 8);
            assertThat(network.predict()).isNotEqualTo(some);
            adapter.dropout(rates, 1, 7);
            assertThat(network.predict()).isEqualTo(some);
            adapter.dropout(Dropout.NONE, 1, 7);
            assertThat(network.predict()).isEqualTo(whole);
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = AdapterMethodName.class,
            names = {"LORA", "DORA"})
    void soItIsInAGpusWay(AdapterMethodName method) {
        SettingsFixture choice = new SettingsFixture();
        choice.method = method;
        try (Kernels fused = Kernels.load(Device.cpu(), List.of(), new Execution(true, false));
                AdaptedUNet own = new AdaptedUNet(fused);
                Adapter adapter = own.adapt(choice)) {
            AdaptedUNet.disturb(adapter);
            float[] whole = own.predict();
            adapter.dropout(new Dropout(0.3, 0.3, 0.3), 1, 6);
            adapter.dropout(Dropout.NONE, 1, 6);
            int held = fused.manager().getManagedArrays().size();
            for (Dropout rates : List.of(new Dropout(0.3, 0.3, 0.3), new Dropout(0.3, 0, 0), new Dropout(0, 0.3, 0))) {
                adapter.dropout(rates, 1, 7);
                float[] some = own.predict();
                assertThat(some).isNotEqualTo(whole);
                adapter.dropout(rates, 1, 8);
                assertThat(own.predict()).isNotEqualTo(some);
                adapter.dropout(rates, 1, 7);
                assertThat(own.predict()).isEqualTo(some);
                adapter.dropout(Dropout.NONE, 1, 7);
                assertThat(own.predict()).isEqualTo(whole);
            }
            assertThat(fused.manager().getManagedArrays().size())
                    .as("arrays after the first draw")
                    .isEqualTo(held);
        }
    }

    @Test
    void aDroppedModuleIsTheBaseAndTrainsNothing() {
        for (AdapterMethodName method :
                List.of(AdapterMethodName.LORA, AdapterMethodName.DORA, AdapterMethodName.LOKR)) {
            try (SingleLayer single = new SingleLayer("loha-linear")) {
                float[] base = single.forward();
                SettingsFixture choice = new SettingsFixture();
                choice.method = method;
                try (Adapter adapter =
                        AdapterPlan.build(SingleLayer.KERNELS, List.of(single.layer), choice.settings(), 5)) {
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
        SettingsFixture choice = new SettingsFixture();
        choice.method = method;
        try (Adapter adapter = network.adapt(choice);
                NDManager scope = CPU.manager().newSubManager()) {
            AdaptedUNet.disturb(adapter);
            float[] before = norms(adapter, scope);
            int longer = 0;
            for (float norm : before) {
                longer += norm > 0.05f ? 1 : 0;
            }
            assertThat(longer).isPositive();
            assertThat(adapter.limitNorms(0.05)).isEqualTo(longer);
            float[] after = norms(adapter, scope);
            for (int i = 0; i < after.length; i++) {
                assertThat(after[i]).isCloseTo(Math.min(before[i], 0.05f), within(1e-4f));
            }
            assertThat(adapter.limitNorms(1)).isZero();
        }
    }

    private static float[] norms(Adapter adapter, NDManager scope) {
        float[] norms = new float[adapter.modules().size()];
        for (int i = 0; i < norms.length; i++) {
            norms[i] = adapter.modules().get(i).update(scope).norm().getFloat();
        }
        return norms;
    }
}
