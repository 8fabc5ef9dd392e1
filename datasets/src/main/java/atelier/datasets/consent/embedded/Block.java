package atelier.datasets.consent.embedded;

/**
 * A piece of metadata as it lies in an image file.
 *
 * @param kind how its bytes are to be read
 * @param bytes the piece, put together where the file splits it
 */
@SuppressWarnings("ArrayRecordComponent") // blocks are read, never compared
record Block(Kind kind, byte[] bytes) {
    enum Kind {
        /** An XMP packet. */
        XMP,
        /** IPTC-IIM data sets. */
        IPTC,
        /** JUMBF boxes of a C2PA manifest store. */
        JUMBF
    }
}
