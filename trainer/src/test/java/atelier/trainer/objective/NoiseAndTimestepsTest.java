package atelier.trainer.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.diffusion.noise.TorchRandom;
import atelier.trainer.loop.TrainerGolden;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class NoiseAndTimestepsTest {
    @Test
    void pyramidOffsetAndPerturbationAgree() {
        TrainerGolden golden = TrainerGolden.file("objectives/noise");
        float[] base = golden.narrowed("in.noise");
        Pyramid pyramid = new Pyramid(base, 8, 12, 16);
        double[] factors = {2.0, 2.5, 3.75};
        for (int i = 0; i < factors.length; i++) {
            int rows = Pyramid.side(12, factors[i], i);
            int columns = Pyramid.side(16, factors[i], i);
            pyramid.add(golden.narrowed("in.octave." + i), rows, columns, Math.pow(0.4, i));
        }
        assertThat(TrainerGolden.relativeError(pyramid.normalised(), golden.narrowed("out.pyramid")))
                .isLessThan(1e-5);
        float[] shifted = NoiseSampler.shifted(base, golden.narrowed("in.offset"), 0.05);
        assertThat(TrainerGolden.relativeError(shifted, golden.narrowed("out.offset")))
                .isLessThan(1e-6);
        float[] perturbed = NoiseSampler.sum(base, golden.narrowed("in.perturbation"), 0.1);
        assertThat(TrainerGolden.relativeError(perturbed, golden.narrowed("out.perturbed")))
                .isLessThan(1e-6);
    }

    @Test
    void plainNoiseIsTorchsAndOthersAreFunctionsOfTheSeed() {
        Settings settings = new Settings();
        assertThat(new NoiseSampler(settings.of()).noise(new TorchRandom(3), 4, 8, 8))
                .isEqualTo(new TorchRandom(3).normal(256));
        settings.offset = 0.1;
        settings.octaves = 6;
        NoiseSampler maker = new NoiseSampler(settings.of());
        float[] noise = maker.noise(new TorchRandom(3), 4, 8, 8);
        assertThat(noise).isEqualTo(maker.noise(new TorchRandom(3), 4, 8, 8));
        assertThat(noise).isNotEqualTo(maker.noise(new TorchRandom(4), 4, 8, 8));
        assertThat(maker.perturbed(noise, new TorchRandom(1))).isNotEqualTo(noise);
    }

    @Test
    void timestepsFollowFromNumbersInTheUnitInterval() {
        TrainerGolden golden = TrainerGolden.file("objectives/timesteps");
        double[] u = golden.doubles("in.u");
        double[] z = golden.doubles("in.z");
        for (int i = 0; i < u.length; i++) {
            assertThat(TimestepSampler.at(u[i], 0, 1000)).isEqualTo(golden.integers("out.uniform")[i]);
            assertThat(TimestepSampler.at(u[i], 200, 800)).isEqualTo(golden.integers("out.range_200_800")[i]);
            double normal = TimestepSampler.logistic(z[i]);
            assertThat(TimestepSampler.at(normal, 0, 1000)).isEqualTo(golden.integers("out.logit_normal")[i]);
            double moved = TimestepSampler.logistic(0.5 + 1.5 * z[i]);
            assertThat(TimestepSampler.at(moved, 0, 1000)).isEqualTo(golden.integers("out.logit_normal_shifted")[i]);
            assertThat(TimestepSampler.at((i + u[i]) / 16, 0, 1000)).isEqualTo(golden.integers("out.stratified")[i]);
        }
    }

    @Test
    void drawsStayInTheRangeAndStrataCoverIt() {
        for (TimestepLaw law : TimestepLaw.values()) {
            Settings settings = new Settings();
            settings.law = law;
            settings.first = 200;
            settings.end = 800;
            TimestepSampler sampler = new TimestepSampler(settings.of(), 1000);
            int[] drawn = new int[60];
            for (int i = 0; i < drawn.length; i++) {
                drawn[i] = sampler.sample(new TorchRandom(i), i, drawn.length);
                assertThat(drawn[i]).isBetween(200, 799);
                if (law == TimestepLaw.STRATIFIED) {
                    assertThat(drawn[i]).isBetween(200 + 10 * i, 209 + 10 * i);
                }
            }
            assertThat(Arrays.stream(drawn).distinct().count()).isGreaterThan(30);
        }
        assertThatThrownBy(() -> new TimestepSampler(new Settings().of(), 500))
                .hasMessageStartingWith("objective.max_timestep must be at most 500");
    }
}
