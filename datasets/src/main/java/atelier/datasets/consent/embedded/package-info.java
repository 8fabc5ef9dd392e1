/** Opt-out signals, creators and licences that image files carry within: XMP, IPTC, C2PA. */
@org.jspecify.annotations.NullMarked
package atelier.datasets.consent.embedded;
