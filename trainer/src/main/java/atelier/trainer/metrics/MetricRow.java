package atelier.trainer.metrics;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A step's figures by name. The names that every step has are the constants; others (validation, rates by group) are
 * free.
 *
 * @param step from 1
 * @param figures in the order in which they are shown
 */
public record MetricRow(long step, Map<String, Double> figures) {
    public static final String LOSS = "loss";
    public static final String LEARNING_RATE = "lr";
    public static final String GRADIENT_NORM = "grad_norm";
    /** Wall time of the step. */
    public static final String SECONDS = "seconds";

    public static final String IMAGES_PER_SECOND = "images_per_second";
    /** Resident memory of the process, MiB. */
    public static final String RESIDENT_MIB = "resident_mib";
    /** Memory of the card in use after the step, MiB, by all processes; on a GPU only. */
    public static final String GPU_USED_MIB = "gpu_used_mib";

    /** A mean of the last losses. */
    public static final String LOSS_SMOOTHED = "loss_smoothed";
    /** Loss of held-out pictures; at some steps only. */
    public static final String VALIDATION = "validation";
    /** What gradients travelled multiplied by; in fp16 only. */
    public static final String LOSS_SCALE = "loss_scale";

    public MetricRow {
        if (step < 1) {
            throw new IllegalArgumentException("a row's step must be at least 1, got " + step);
        }
        figures = Collections.unmodifiableMap(new LinkedHashMap<>(figures));
    }

    /** The figure, or NaN where this step has none of that name. */
    public double figure(String name) {
        return figures.getOrDefault(name, Double.NaN);
    }
}
