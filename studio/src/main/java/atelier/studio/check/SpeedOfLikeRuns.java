package atelier.studio.check;

import atelier.cli.config.Composition;
import atelier.studio.run.Metrics;
import atelier.studio.run.RunDetail;
import atelier.studio.run.RunSummary;
import atelier.studio.run.Runs;
import atelier.trainer.metrics.MetricRow;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How long a step takes: as long as it took in the latest run with the same values of what decides it. */
final class SpeedOfLikeRuns {
    private static final List<String> DECIDING = List.of(
            "model.path",
            "model.dtype",
            "model.prepack",
            "device",
            "data.resolution",
            "train.batch_size",
            "train.gradient_accumulation",
            "train.gradient_checkpointing",
            "train.full_finetune",
            "adapter.method",
            "adapter.rank");
    private static final int LOOKED_AT = 50;
    private static final int ROWS = 5;

    private final Runs runs;

    SpeedOfLikeRuns(Runs runs) {
        this.runs = runs;
    }

    /** Seconds of a step, and the run that says so. */
    record Speed(double seconds, String run) {}

    Optional<Speed> of(Composition wanted) throws IOException {
        Map<String, String> values = wanted.flat();
        for (RunSummary run : runs.recent().stream().limit(LOOKED_AT).toList()) {
            if (run.step() >= ROWS) {
                RunDetail detail = runs.detail(run.name());
                if (DECIDING.stream().allMatch(key -> same(key, values, detail.settings()))) {
                    Optional<Double> seconds = median(runs.metrics(run.name(), Math.max(0, run.step() - 200)));
                    if (seconds.isPresent()) {
                        return Optional.of(new Speed(seconds.get(), run.name()));
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static boolean same(String key, Map<String, String> a, Map<String, String> b) {
        String first = a.getOrDefault(key, "");
        String second = b.getOrDefault(key, "");
        return first.equals(second)
                || (key.equals("model.path") && fileName(first).equals(fileName(second)));
    }

    private static String fileName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static Optional<Double> median(Metrics metrics) {
        int column = metrics.columns().indexOf(MetricRow.SECONDS);
        double[] seconds = metrics.rows().stream()
                .mapToDouble(row -> column < 0 ? Double.NaN : row[column])
                .filter(each -> each > 0)
                .toArray();
        Arrays.sort(seconds);
        return seconds.length < ROWS ? Optional.empty() : Optional.of(seconds[seconds.length / 2]);
    }
}
