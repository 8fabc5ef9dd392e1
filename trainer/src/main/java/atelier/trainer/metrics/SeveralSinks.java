package atelier.trainer.metrics;

import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Map;

/** Hands everything on to each of several sinks. */
record SeveralSinks(List<MetricSink> sinks) implements MetricSink {
    @Override
    public void row(MetricRow row) {
        sinks.forEach(sink -> sink.row(row));
    }

    @Override
    public void image(long step, String name, BufferedImage picture) {
        sinks.forEach(sink -> sink.image(step, name, picture));
    }

    @Override
    public void text(long step, String name, String text) {
        sinks.forEach(sink -> sink.text(step, name, text));
    }

    @Override
    public void histogram(long step, String name, double[] values) {
        sinks.forEach(sink -> sink.histogram(step, name, values));
    }

    @Override
    public void hyperparameters(Map<String, ?> settings, List<String> figures) {
        sinks.forEach(sink -> sink.hyperparameters(settings, figures));
    }

    @Override
    public void close() {
        RuntimeException first = null;
        for (MetricSink sink : sinks) {
            try {
                sink.close();
            } catch (RuntimeException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
