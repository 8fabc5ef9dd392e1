package atelier.trainer;

import atelier.datasets.Finding;
import atelier.datasets.FindingException;
import atelier.datasets.Pair;
import atelier.datasets.batch.BatchSource;
import atelier.datasets.batch.DataSettings;
import atelier.datasets.batch.PairBatch;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/**
 * The loss of pictures that are not trained on: the mean squared error of the prediction, each picture at the same few
 * timesteps with the same noise every time, in every run.
 */
final class Validation implements AutoCloseable {
    private final ValidationSettings settings;
    private final TrainStep step;
    private final NoiseMixer mixer;
    private final LatentCache latents;
    private final StepText.Source text;
    private final BatchSource source;

    /**
     * @param data sizes and captions as in training
     * @param batchSize pictures in a forward pass
     * @param mixer mixes latents and noise by the schedule that is trained with
     */
    Validation(
            ValidationSettings settings,
            List<Pair> pictures,
            DataSettings data,
            int batchSize,
            TrainStep step,
            NoiseMixer mixer,
            LatentCache latents,
            StepText.Source text,
            Consumer<String> says)
            throws FindingException {
        this.settings = settings;
        this.step = step;
        this.mixer = mixer;
        this.latents = latents;
        this.text = text;
        this.source = source(pictures, data, batchSize, settings, latents, finding -> says.accept(finding.message()));
    }

    /** The held-out pictures in batches, always the same. */
    static BatchSource source(
            List<Pair> pictures,
            DataSettings data,
            int batchSize,
            ValidationSettings settings,
            LatentCache latents,
            Consumer<Finding> findings)
            throws FindingException {
        return new BatchSource(pictures, data.still(), batchSize, settings.seed(), latents::missing, findings);
    }

    /** The loss of the network as it stands. */
    double loss() throws IOException, InterruptedException {
        double sum = 0;
        long count = 0;
        source.seek(0);
        for (int i = 0; i < source.stepsPerEpoch(); i++) {
            try (PairBatch batch = source.next()) {
                for (int k = 0; k < settings.timesteps(); k++) {
                    StepPlan plan = plan(batch, k);
                    sum += batch.size() * step.evaluate(plan, Validation::meanSquare);
                    count += batch.size();
                }
            }
        }
        return sum / count;
    }

    private StepPlan plan(PairBatch batch, int k) throws IOException {
        int timestep = timestep(k, settings.timesteps(), mixer.schedule().length());
        return StepPlan.of(batch.examples(), latents, text, (moments, shape, i) -> {
            // Streams go by the picture, so that other pictures beside it change nothing.
            int picture = batch.examples().get(i).index();
            return mixer.plain(moments, new StepNoise.Stream(settings.seed(), k, picture), timestep);
        });
    }

    /** The middle of the k-th of {@code count} equal parts of the schedule. */
    static int timestep(int k, int count, int length) {
        return (int) ((k + 0.5) / count * length);
    }

    private static double meanSquare(float[] prediction, StepPlan plan, float[] slope) {
        float[] target = plan.target();
        double sum = 0;
        for (int i = 0; i < prediction.length; i++) {
            double difference = (double) prediction[i] - target[i];
            sum += difference * difference;
        }
        return sum / prediction.length;
    }

    @Override
    public void close() {
        source.close();
    }
}
