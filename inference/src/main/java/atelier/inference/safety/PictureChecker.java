package atelier.inference.safety;

import java.awt.image.BufferedImage;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Says what a picture shows. */
interface PictureChecker extends AutoCloseable {
    /** What it is called in records. */
    String name();

    Verdict judge(BufferedImage picture);

    @Override
    void close();

    /**
     * A judgement.
     *
     * @param flagged whether the picture must not be shown as it is
     * @param scores that led there, by name
     */
    record Verdict(boolean flagged, Map<String, Double> scores) {
        public Verdict {
            scores = Collections.unmodifiableMap(new LinkedHashMap<>(scores));
        }
    }
}
