package atelier.studio.sdapi;

/** A request that is not answered as it was meant, with the status that web interfaces give. */
final class SdFault extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String field;

    /** @param field that is wrong; empty for the whole request */
    SdFault(int status, String field, String message) {
        super(message);
        this.status = status;
        this.field = field;
    }

    int status() {
        return status;
    }

    String field() {
        return field;
    }
}
