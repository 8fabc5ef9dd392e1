package atelier.trainer.metrics;

import java.awt.image.BufferedImage;
import java.util.List;
import java.util.Map;

/**
 * Takes a run's figures as it goes. Steps are counted from 1 and never fall; a sink that keeps files starts from the
 * step that a resumed run goes on from, so that no step stands twice. A sink that cannot write throws
 * {@link java.io.UncheckedIOException}.
 */
public interface MetricSink extends AutoCloseable {
    /** One row: every figure of a step. */
    void row(MetricRow row);

    /** A picture, usually a grid of samples. */
    default void image(long step, String name, BufferedImage picture) {}

    /** Words: prompts, the settings, what happened. */
    default void text(long step, String name, String text) {}

    /** The spread of many values, such as an adapter's norms by layer. */
    default void histogram(long step, String name, double[] values) {}

    /**
     * The settings by which runs of a sweep differ, and the figures by which they are compared.
     *
     * @param settings numbers, booleans or text by key
     * @param figures names of row figures
     */
    default void hyperparameters(Map<String, ?> settings, List<String> figures) {}

    @Override
    void close();

    /** One sink that hands everything on to several; closing closes them all, whatever one of them throws. */
    static MetricSink all(List<MetricSink> sinks) {
        return new SeveralSinks(List.copyOf(sinks));
    }
}
