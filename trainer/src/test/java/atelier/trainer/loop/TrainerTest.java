package atelier.trainer.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import atelier.datasets.batch.BatchSource;
import atelier.datasets.batch.DataSettings;
import atelier.datasets.batch.Example;
import atelier.datasets.batch.OnError;
import atelier.datasets.batch.SettingsFixture;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.Pair;
import atelier.trainer.folder.NotFiniteException;
import atelier.trainer.metrics.MetricRow;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The loop around one number that is trained: value -= 0.1 * gradient, the gradient being the value. */
class TrainerTest {
    @TempDir
    Path folder;

    private final List<MetricRow> rows = new ArrayList<>();
    private final List<Boolean> lasts = new ArrayList<>();
    private final Set<Long> overflowing = new HashSet<>();
    private double value = 1;
    private double gradient;
    private double lossAt3 = 1;
    private boolean over;
    private long updates;

    @BeforeEach
    void writePicture() throws IOException {
        BufferedImage picture = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        ImageIO.write(picture, "png", folder.resolve("a.png").toFile());
    }

    private final class Watch implements StepListener {
        @Override
        public boolean isOver() {
            return over;
        }

        @Override
        public Map<String, Double> measure(long step, boolean last) {
            return step == 2 ? Map.of(MetricRow.VALIDATION, 0.25) : Map.of();
        }

        @Override
        public void after(FinishedStep step) {
            rows.add(new MetricRow(step.number(), step.figures()));
            lasts.add(step.last());
        }

        @Override
        public Optional<String> kept() {
            return Optional.of("the state of step 0 is kept");
        }
    }

    private final class OneNumber implements Trainer.Gradients {
        @Override
        public Trainer.StepFigures read(PendingLoss loss, double lossScale) {
            return new Trainer.StepFigures(loss.await(), Math.abs(gradient) / lossScale, lossScale);
        }

        @Override
        public void scaleGradients(double factor) {
            gradient *= factor;
        }
    }

    private final class OnePass implements Accumulation {
        @Override
        public PendingLoss run(List<Example> examples, long step, double factor) {
            boolean overflows = overflowing.contains(step) && factor > 256;
            gradient = overflows ? Double.POSITIVE_INFINITY : value * factor;
            return PendingLoss.of(step == 3 ? lossAt3 : value * value / 2);
        }

        @Override
        public void close() {}
    }

    private long run(LossScale scale, double maxGradNorm, long done) throws Exception {
        Pair pair = Pair.of(folder.resolve("a.png"), "a", new Origin(folder, 1));
        DataSettings data = SettingsFixture.square(8)
                .folder(folder)
                .prefetch(0)
                .onError(OnError.FAIL)
                .settings();
        try (BatchSource source =
                new BatchSource(List.of(pair), data, 1, 0, BatchSource.PixelDemand.all(), finding -> {})) {
            Accumulation passes = new OnePass();
            Trainer.Update update = step -> {
                updates = step;
                value -= 0.1 * gradient;
                return Map.of(MetricRow.LEARNING_RATE, 0.1);
            };
            StepLimits limits = new StepLimits(6, maxGradNorm);
            Trainer trainer = new Trainer(limits, source, passes, new OneNumber(), update, scale);
            return trainer.run(done, new StepListeners(List.of(new Watch())));
        }
    }

    @Test
    void scaledGradientsGiveTheUnscaledRunsValues() throws Exception {
        assertThat(run(new LossScale(false, 1, 1), 0, 0)).isEqualTo(6);
        double plain = value;
        value = 1;
        run(new LossScale(true, 1024, 2), 0, 0);
        assertThat(value).isCloseTo(plain, within(1e-15)).isCloseTo(Math.pow(0.9, 6), within(1e-12));
        assertThat(rows.get(11).figure(MetricRow.LOSS_SCALE)).isEqualTo(4096);
    }

    @Test
    void anOverflowLeavesTheStepOutAndIsOnRecord() throws Exception {
        overflowing.addAll(Set.of(2L, 3L));
        run(new LossScale(true, 1024, 2000), 0, 0);
        assertThat(value).isCloseTo(Math.pow(0.9, 4), within(1e-12));
        assertThat(updates).as("updates count, not steps").isEqualTo(4);
        assertThat(rows).hasSize(6);
        assertThat(rows.get(1).figure(MetricRow.GRADIENT_NORM)).isInfinite();
        assertThat(rows.get(1).figures()).doesNotContainKey(MetricRow.LEARNING_RATE);
        assertThat(rows.get(3).figure(MetricRow.LOSS_SCALE)).isEqualTo(256);
    }

    @Test
    void aLossThatIsNoNumberEndsTheRunAndSaysWhatIsKept() {
        lossAt3 = Double.NaN;
        assertThatThrownBy(() -> run(new LossScale(false, 1, 1), 0, 0))
                .isInstanceOf(NotFiniteException.class)
                .hasMessageContaining("step 3: the loss is NaN; the state of step 0 is kept")
                .hasMessageContaining("Lower optimizer.lr");
        assertThat(rows).hasSize(2);
        assertThat(value).as("no update after the broken loss").isCloseTo(0.81, within(1e-12));
    }

    @Test
    void aLossThatOverflowsLeavesTheStepOutWhileTheScaleCanBeHalved() throws Exception {
        lossAt3 = Double.NaN;
        run(new LossScale(true, 1024, 2000), 0, 0);
        assertThat(rows).hasSize(6);
        assertThat(updates).isEqualTo(5);
        assertThat(value).isCloseTo(Math.pow(0.9, 5), within(1e-12));
        assertThat(rows.get(2).figures()).doesNotContainKey(MetricRow.LOSS_SMOOTHED);
        assertThat(rows.get(3).figure(MetricRow.LOSS_SCALE)).isEqualTo(512);
    }

    @Test
    void aLossThatIsNoNumberAtTheLeastScaleEndsTheRun() {
        lossAt3 = Double.NaN;
        assertThatThrownBy(() -> run(new LossScale(true, 1, 2000), 0, 0))
                .isInstanceOf(NotFiniteException.class)
                .hasMessageContaining("step 3: the loss is NaN");
    }

    @Test
    void anInfiniteGradientThatNoScaleMendsEndsTheRun() {
        value = Double.POSITIVE_INFINITY;
        lossAt3 = 1;
        assertThatThrownBy(() -> run(new LossScale(false, 1, 1), 0, 2))
                .isInstanceOf(NotFiniteException.class)
                .hasMessageContaining("step 3: the gradient's norm is Infinity");
    }

    @Test
    void gradientsAreCutToTheirGlobalNorm() throws Exception {
        run(new LossScale(true, 1024, 2000), 0.5, 0);
        assertThat(rows.get(0).figure(MetricRow.GRADIENT_NORM)).isEqualTo(1);
        assertThat(value).isBetween(1 - 6 * 0.05, 1 - 6 * 0.05 + 1e-5);
    }

    @Test
    void validationStandsInItsStepsRowAndTheRunMayEndEarly() throws Exception {
        over = true;
        assertThat(run(new LossScale(false, 1, 1), 0, 4)).isEqualTo(4);
        assertThat(rows).isEmpty();
        over = false;
        run(new LossScale(false, 1, 1), 0, 0);
        assertThat(rows.get(1).figure(MetricRow.VALIDATION)).isEqualTo(0.25);
        assertThat(rows.get(2).figures()).doesNotContainKey(MetricRow.VALIDATION);
        assertThat(lasts).containsExactly(false, false, false, false, false, true);
    }
}
