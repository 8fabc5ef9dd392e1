package atelier.studio.run;

import atelier.common.file.LockHolder;
import atelier.trainer.folder.RunEnding;
import atelier.trainer.folder.RunFolder;
import atelier.trainer.metrics.MetricRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a run's folder and process say. A run whose files are as they were is not read again: of a thousand ended
 * runs only the dates are looked at.
 */
final class RunReader {
    /** Of the last steps' times the mean is taken for what is left. */
    private static final int MEASURED = 20;

    private static final Duration SLACK = Duration.ofSeconds(2);

    private final Map<Path, Known> known = new ConcurrentHashMap<>();

    private record Known(Stamp stamp, RunSummary summary) {}

    private record Stamp(List<Long> dates) {
        static Stamp of(RunFolder folder) {
            List<Long> dates = new ArrayList<>();
            for (Path each : List.of(
                    folder.path(),
                    folder.metrics(),
                    folder.samples(),
                    folder.ending(),
                    folder.withheld(),
                    folder.path().resolve("resolved.conf"))) {
                try {
                    BasicFileAttributes is = Files.readAttributes(each, BasicFileAttributes.class);
                    dates.add(is.lastModifiedTime().toMillis());
                    dates.add(is.size());
                } catch (IOException e) {
                    dates.add(-1L);
                }
            }
            return new Stamp(dates);
        }
    }

    /** @param path a run's folder */
    RunSummary read(Path path) throws IOException {
        RunFolder folder = new RunFolder(path);
        Optional<LockHolder> trainer = trainer(path);
        if (trainer.isPresent()) {
            known.remove(path);
            return running(folder, trainer.get());
        }
        Stamp stamp = Stamp.of(folder);
        Known before = known.get(path);
        if (before != null && before.stamp().equals(stamp)) {
            return before.summary();
        }
        RunSummary summary = ended(folder);
        known.put(path, new Known(stamp, summary));
        return summary;
    }

    /** Who trains there now. */
    static Optional<LockHolder> trainer(Path folder) {
        return LockHolder.of(folder).filter(holder -> holder.who().equals("train"));
    }

    private static RunSummary running(RunFolder folder, LockHolder trainer) throws IOException {
        Instant since = trainer.since().atZone(ZoneId.systemDefault()).toInstant();
        Instant metrics = changed(folder.metrics());
        boolean steps = metrics != null && metrics.isAfter(since);
        String where = trainer.here() ? null : "on " + trainer.host();
        RunSummary summary = summary(folder, steps ? RunState.TRAINING : RunState.PREPARING, where);
        boolean over = steps && summary.steps() > 0 && summary.step() >= summary.steps();
        if (over) {
            return new RunSummary(
                    summary.name(),
                    summary.state(),
                    "writing what was trained",
                    where,
                    summary.step(),
                    summary.steps(),
                    null,
                    summary.changed(),
                    summary.loss(),
                    summary.validation(),
                    summary.validationStep(),
                    summary.sample(),
                    summary.adapter());
        }
        return summary;
    }

    private static RunSummary ended(RunFolder folder) throws IOException {
        Optional<RunEnding> ending = RunEnding.of(folder);
        if (Files.exists(folder.withheld())) {
            return summary(
                    folder,
                    RunState.WITHHELD,
                    Files.readString(folder.withheld()).strip());
        }
        if (ending.isPresent()) {
            String message =
                    ending.get().message().isEmpty() ? null : ending.get().message();
            return switch (ending.get().kind()) {
                case DONE -> summary(folder, RunState.DONE, null);
                case STOPPED -> summary(folder, RunState.STOPPED, message);
                case REFUSED, FAILED -> summary(folder, RunState.FAILED, message);
            };
        }
        if (isWritten(folder)) {
            return summary(folder, RunState.DONE, null);
        }
        boolean saved = folder.lastSavedStep().isPresent();
        return saved
                ? summary(folder, RunState.STOPPED, "its process ended without a word; a state was saved")
                : summary(folder, RunState.FAILED, "its process ended without a word, before a state was saved");
    }

    /** Whether a run that says nothing of its end came to it: what it trained is not older than its last step. */
    private static boolean isWritten(RunFolder folder) throws IOException {
        Instant product = changed(folder.adapter());
        if (product == null) {
            product = changed(folder.merged().resolve("model_index.json"));
        }
        Instant metrics = changed(folder.metrics());
        return product != null && (metrics == null || !product.plus(SLACK).isBefore(metrics));
    }

    private static RunSummary summary(RunFolder folder, RunState state, @Nullable String reason) throws IOException {
        Map<String, String> settings = SettingsText.values(folder.path().resolve("resolved.conf"));
        Metrics metrics = new MetricsFile(folder.metrics()).last();
        long steps = whole(settings.getOrDefault("train.steps", "0"));
        Tail tail = Tail.of(metrics);
        Instant changed = latest(
                changed(folder.path().resolve("resolved.conf")), changed(folder.metrics()), changed(folder.ending()));
        Instant ends = null;
        if (state == RunState.TRAINING && tail.seconds() > 0 && steps > metrics.latest()) {
            ends = changed.plusMillis((long) (1000 * tail.seconds() * (steps - metrics.latest())));
        }
        return new RunSummary(
                folder.path().getFileName().toString(),
                state,
                state.word(),
                reason,
                metrics.latest(),
                steps,
                ends,
                changed,
                tail.loss(),
                tail.validation(),
                tail.validationStep(),
                lastSample(folder.samples()),
                Files.exists(folder.adapter()));
    }

    /** What a summary says of the last rows. */
    private record Tail(@Nullable Double loss, @Nullable Double validation, long validationStep, double seconds) {
        static Tail of(Metrics metrics) {
            List<double[]> rows = metrics.rows();
            int seconds = metrics.columns().indexOf(MetricRow.SECONDS);
            double sum = 0;
            int count = 0;
            for (int i = Math.max(0, rows.size() - MEASURED); seconds >= 0 && i < rows.size(); i++) {
                double took = rows.get(i)[seconds];
                if (took > 0) {
                    sum += took;
                    count++;
                }
            }
            double[] loss = lastWith(metrics, MetricRow.LOSS_SMOOTHED);
            if (loss == null) {
                loss = lastWith(metrics, MetricRow.LOSS);
            }
            double[] validation = lastWith(metrics, MetricRow.VALIDATION);
            return new Tail(
                    loss == null ? null : loss[1],
                    validation == null ? null : validation[1],
                    validation == null ? 0 : (long) validation[0],
                    count == 0 ? 0 : sum / count);
        }

        /** Step and value of the last row that has a figure. */
        private static double @Nullable [] lastWith(Metrics metrics, String name) {
            int column = metrics.columns().indexOf(name);
            for (int i = metrics.rows().size() - 1; column >= 0 && i >= 0; i--) {
                double[] row = metrics.rows().get(i);
                if (!Double.isNaN(row[column])) {
                    return new double[] {row[0], row[column]};
                }
            }
            return null;
        }
    }

    static @Nullable String lastSample(Path samples) throws IOException {
        if (!Files.isDirectory(samples)) {
            return null;
        }
        try (Stream<Path> files = Files.list(samples)) {
            List<String> names = files.map(path -> path.getFileName().toString())
                    .filter(name -> name.endsWith(".png") && !name.startsWith("."))
                    .sorted()
                    .toList();
            List<String> steps =
                    names.stream().filter(name -> name.startsWith("step-")).toList();
            return !steps.isEmpty() ? steps.get(steps.size() - 1) : names.isEmpty() ? null : names.get(0);
        }
    }

    private static long whole(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    private static @Nullable Instant changed(Path path) {
        try {
            return Files.getLastModifiedTime(path).toInstant();
        } catch (IOException e) {
            return null;
        }
    }

    private static Instant latest(@Nullable Instant... all) {
        Instant latest = Instant.EPOCH;
        for (Instant each : all) {
            if (each != null && each.isAfter(latest)) {
                latest = each;
            }
        }
        return latest;
    }
}
