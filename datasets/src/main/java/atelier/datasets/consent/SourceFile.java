package atelier.datasets.consent;

/** A file that gives reasons; its digest is known once it was read to its end. */
final class SourceFile {
    private final int order;
    private final String name;
    private volatile String sha256;

    /** @param order decides between objections of one rule: the lower comes first */
    SourceFile(int order, String name, String sha256) {
        this.order = order;
        this.name = name;
        this.sha256 = sha256;
    }

    int order() {
        return order;
    }

    String name() {
        return name;
    }

    String sha256() {
        return sha256;
    }

    void digested(String digest) {
        this.sha256 = digest;
    }
}
