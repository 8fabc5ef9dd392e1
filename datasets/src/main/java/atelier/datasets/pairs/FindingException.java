package atelier.datasets.pairs;

import java.io.IOException;

/** A finding that ends the work on one image or one file. */
public final class FindingException extends IOException {
    private static final long serialVersionUID = 1;

    private final transient Finding finding;

    public FindingException(Finding finding) {
        super(finding.message());
        this.finding = finding;
    }

    public FindingException(Finding finding, Throwable cause) {
        super(finding.message(), cause);
        this.finding = finding;
    }

    public Finding finding() {
        return finding;
    }
}
