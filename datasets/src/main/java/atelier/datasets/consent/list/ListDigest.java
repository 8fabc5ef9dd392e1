package atelier.datasets.consent.list;

/**
 * An opt-out list that was read whole.
 *
 * @param name the path by which it was named
 * @param sha256 the digest of the file, 64 hexadecimal digits
 * @param entries how many entries it holds
 */
public record ListDigest(String name, String sha256, long entries) {}
