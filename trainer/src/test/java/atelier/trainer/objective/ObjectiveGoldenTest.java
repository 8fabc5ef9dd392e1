package atelier.trainer.objective;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import atelier.diffusion.noise.BetaCurve;
import atelier.diffusion.noise.NoiseSchedule;
import atelier.diffusion.noise.NoiseSettings;
import atelier.diffusion.noise.PredictionType;
import atelier.trainer.loop.TrainerGolden;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ObjectiveGoldenTest {
    private static final NoiseSettings MODEL =
            new NoiseSettings(1000, 0.00085, 0.012, BetaCurve.SCALED_LINEAR, null, false, PredictionType.EPSILON);

    private static Objective objective(Settings settings) {
        return new Objective(settings.of(), new NoiseSchedule(settings.of().noise(MODEL)));
    }

    /** The weight's relative difference; alphaBar is fp32 in both, and 1 - alphaBar loses digits near 0. */
    private static void weightsAgree(Settings settings, String name) {
        TrainerGolden golden = TrainerGolden.file("objectives/weights");
        Objective objective = objective(settings);
        int[] timesteps = golden.integers("in.timesteps");
        double[] expected = golden.doubles("out." + name);
        for (int i = 0; i < timesteps.length; i++) {
            double relative = objective.weight(timesteps[i]) / expected[i] - 1;
            assertThat(relative).as("%s at %s", name, timesteps[i]).isCloseTo(0, within(2e-4));
        }
    }

    @ParameterizedTest
    @CsvSource({"EPSILON, epsilon", "V_PREDICTION, v", "SAMPLE, x0"})
    void minSnrIsRightForAllThreePredictions(PredictionType prediction, String name) {
        for (double gamma : new double[] {1, 5, 20}) {
            Settings settings = new Settings();
            settings.prediction = prediction;
            settings.weighting = LossWeighting.MIN_SNR;
            settings.gamma = gamma;
            weightsAgree(settings, String.format(Locale.ROOT, "min_snr.%s.%.0f", name, gamma));
        }
    }

    @Test
    void debiasedP2AndVLikeEpsilonAgree() {
        Settings settings = new Settings();
        settings.weighting = LossWeighting.DEBIASED;
        weightsAgree(settings, "debiased.epsilon");
        settings.prediction = PredictionType.V_PREDICTION;
        weightsAgree(settings, "debiased.v");
        settings.weighting = LossWeighting.V_LIKE_EPSILON;
        weightsAgree(settings, "v_like_epsilon");
        settings.weighting = LossWeighting.P2;
        weightsAgree(settings, "p2.1.1");
        settings.p2Gamma = 0.5;
        weightsAgree(settings, "p2.1.0.5");
    }

    @Test
    void aWeightingThatIsNotDefinedIsRefusedWithARemedy() {
        Settings settings = new Settings();
        settings.weighting = LossWeighting.V_LIKE_EPSILON;
        assertThatThrownBy(() -> objective(settings))
                .hasMessageContaining("objective.weighting = v_like_epsilon")
                .hasMessageContaining("take min_snr");
    }

    @ParameterizedTest
    @EnumSource(HuberSchedule.class)
    void huberLossesAgreeAndTheirSlopesAreTheirDerivatives(HuberSchedule schedule) {
        TrainerGolden golden = TrainerGolden.file("objectives/huber");
        String name = schedule.name().toLowerCase(Locale.ROOT);
        double[] differences = golden.doubles("in.difference");
        int[] timesteps = golden.integers("in.timesteps");
        Settings settings = new Settings();
        settings.huber = schedule;
        for (LossName loss : new LossName[] {LossName.HUBER, LossName.SMOOTH_L1}) {
            settings.loss = loss;
            Objective objective = objective(settings);
            double[] expected = golden.doubles("out." + loss.name().toLowerCase(Locale.ROOT) + "." + name);
            for (int i = 0; i < timesteps.length; i++) {
                double c = objective.threshold(timesteps[i]);
                assertThat(c).isCloseTo(golden.doubles("out.c." + name)[i], within(1e-6));
                for (int j = 0; j < differences.length; j++) {
                    double d = differences[j];
                    double value = expected[i * differences.length + j];
                    assertThat(loss.value(d, c)).isCloseTo(value, within(1e-5));
                    double secant = (loss.value(d + 1e-6, c) - loss.value(d - 1e-6, c)) / 2e-6;
                    assertThat(loss.slope(d, c)).isCloseTo(secant, within(1e-6));
                }
            }
        }
    }

    @Test
    void maskedLossIsTheMeanUnderTheAveragedMask() {
        TrainerGolden golden = TrainerGolden.file("objectives/masked");
        float[] prediction = golden.narrowed("in.prediction");
        float[] target = golden.narrowed("in.target");
        float[] mask = golden.narrowed("in.mask");
        float[] small = new float[2 * 6 * 8];
        for (int i = 0; i < 2; i++) {
            float[] one = java.util.Arrays.copyOfRange(mask, i * 48 * 64, (i + 1) * 48 * 64);
            System.arraycopy(Masks.toLatents(one, 48, 64, 8), 0, small, i * 48, 48);
        }
        assertThat(TrainerGolden.relativeError(small, golden.narrowed("out.mask")))
                .isLessThan(1e-6);
        float[] slope = new float[prediction.length];
        double[] ones = {1, 1};
        double loss = objective(new Settings()).loss(prediction, target, new int[] {3, 700}, ones, small, slope);
        assertThat(loss).isCloseTo(golden.doubles("out.loss")[0], within(1e-6));
        Settings normalised = new Settings();
        normalised.normalised = true;
        for (int i = 0; i < 2; i++) {
            double[] only = {1 - i, i};
            double one = objective(normalised).loss(prediction, target, new int[] {3, 700}, only, small, slope);
            assertThat(2 * one).isCloseTo(golden.doubles("out.normalised_a_sample")[i], within(1e-6));
        }
    }

    @Test
    void slopesAreDerivativesOfTheWeightedLoss() {
        Settings settings = new Settings();
        settings.weighting = LossWeighting.MIN_SNR;
        settings.loss = LossName.HUBER;
        Objective objective = objective(settings);
        float[] prediction = {0.3f, -1, 2, 0.5f, 0, 1, -2, 0.25f};
        float[] target = {0, 1, 1.5f, 0.5f, 1, 1, 1, -1};
        int[] timesteps = {20, 800};
        double[] weights = {1, objective.exampleWeight(3, true)};
        float[] slope = new float[8];
        float[] unused = new float[8];
        objective.loss(prediction, target, timesteps, weights, null, slope);
        for (int i = 0; i < 8; i++) {
            float[] up = prediction.clone();
            float[] down = prediction.clone();
            up[i] += 0x1p-10f;
            down[i] -= 0x1p-10f;
            double secant = (objective.loss(up, target, timesteps, weights, null, unused)
                            - objective.loss(down, target, timesteps, weights, null, unused))
                    / 0x1p-9;
            assertThat((double) slope[i]).isCloseTo(secant, within(1e-5));
        }
        assertThat(weights[1]).isEqualTo(1.5);
    }

    @Test
    void targetsAgree() {
        TrainerGolden golden = TrainerGolden.file("objectives/targets");
        int[] timesteps = golden.integers("in.timesteps");
        float[] latents = golden.narrowed("in.latents");
        float[] noise = golden.narrowed("in.noise");
        for (PredictionType prediction : PredictionType.values()) {
            Settings settings = new Settings();
            settings.prediction = prediction;
            NoiseSchedule schedule = new NoiseSchedule(settings.of().noise(MODEL));
            String name = switch (prediction) {
                case EPSILON -> "out.epsilon";
                case V_PREDICTION -> "out.v";
                case SAMPLE -> "out.x0";
            };
            float[] expected = golden.narrowed(name);
            float[] actual = new float[expected.length];
            float[] noisy = new float[expected.length];
            for (int i = 0; i < timesteps.length; i++) {
                float[] x = java.util.Arrays.copyOfRange(latents, i * 18, i * 18 + 18);
                float[] n = java.util.Arrays.copyOfRange(noise, i * 18, i * 18 + 18);
                System.arraycopy(schedule.target(x, n, timesteps[i]), 0, actual, i * 18, 18);
                System.arraycopy(schedule.addNoise(x, n, timesteps[i]), 0, noisy, i * 18, 18);
            }
            assertThat(TrainerGolden.relativeError(actual, expected)).isLessThan(1e-5);
            assertThat(TrainerGolden.relativeError(noisy, golden.narrowed("out.noisy")))
                    .isLessThan(1e-5);
        }
    }

    @ParameterizedTest
    @CsvSource({"scaled_linear, SCALED_LINEAR, 0.00085, 0.012", "linear, LINEAR, 0.0001, 0.02"})
    void zeroTerminalSnrRescalesTheSchedule(String name, BetaCurve curve, double start, double end) {
        Settings settings = new Settings();
        settings.zeroTerminal = true;
        settings.prediction = PredictionType.V_PREDICTION;
        NoiseSettings model = new NoiseSettings(1000, start, end, curve, null, false, PredictionType.EPSILON);
        NoiseSchedule schedule = new NoiseSchedule(settings.of().noise(model));
        double[] expected =
                TrainerGolden.file("objectives/zero-terminal-" + name).doubles("out.alphas_cumprod");
        for (int t = 0; t < expected.length; t++) {
            assertThat((double) schedule.alphaBar(t)).as("at %s", t).isCloseTo(expected[t], within(2e-6));
        }
        assertThat(schedule.alphaBar(999)).isZero();
        settings.prediction = PredictionType.EPSILON;
        assertThatThrownBy(() -> settings.of().noise(model)).hasMessageContaining("objective.zero_terminal_snr");
    }
}
