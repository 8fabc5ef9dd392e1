package atelier.evaluation.audit.detect;

import java.util.Locale;

/** The four detectors. Each gives a picture a score that grows with suspicion. */
public enum Detector {
    /**
     * How much nearer the generations of a picture's caption come to it, where they differ most, than the base's; also
     * cliques among many generations that are the picture (Carlini et al. 2023).
     */
    TILED_L2("tiled l2"),
    /** How much more alike features and perceptual digests are than the base's (Somepalli et al. 2023). */
    REPLICATION("replication"),
    /** How much more strongly the caption acts than it did in the base model (Wen et al. 2024). */
    MAGNITUDE("text-conditional magnitude"),
    /** How near it comes under guidance from the base beyond the adapted model: the worst case (Wu et al. 2024). */
    EXTRAPOLATION("extrapolated guidance");

    private final String label;

    Detector(String label) {
        this.label = label;
    }

    /** In words, for people. */
    public String label() {
        return label;
    }

    /** In files and keys. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
