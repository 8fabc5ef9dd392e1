package atelier.datasets.consent.list;

import atelier.datasets.consent.key.Key128;
import atelier.datasets.hash.Pdq;

/** Takes what a list opts out, in normal form, with the line that says so. */
public interface KeySink {
    /** A single address. */
    void url(Key128 key, long line);

    /** A file's digest, cut to 128 bits. */
    void sha256(Key128 key, long line);

    /** A domain, with all hosts under it when {@code subdomains}. */
    void domain(Key128 key, boolean subdomains, long line);

    /** A perceptual digest; {@code maxDistance} is in bits, or -1 for the run's own. */
    void pdq(Pdq hash, int maxDistance, long line);

    /** A name as {@link atelier.datasets.consent.key.Names#key} writes it. */
    void creator(String name, long line);

    /** A licence's identifier as the list has it. */
    void licence(String id, long line);
}
