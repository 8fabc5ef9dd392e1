package atelier.datasets.pairs;

import java.io.IOException;

/** A place that image-caption pairs are read from. */
public interface PairSource {
    /**
     * Reads all pairs. Faults of single rows become findings; nothing is dropped without one.
     *
     * @throws FindingException when the source as a whole cannot be read (no such file, no header, not this format)
     */
    PairList read() throws IOException;
}
