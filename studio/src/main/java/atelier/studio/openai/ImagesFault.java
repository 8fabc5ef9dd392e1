package atelier.studio.openai;

import org.jspecify.annotations.Nullable;

/** A request that is not answered as it was meant. */
final class ImagesFault extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final @Nullable String parameter;
    private final @Nullable String code;

    /**
     * @param parameter that is wrong; null for the whole request
     * @param code for programs; null for none
     */
    ImagesFault(int status, @Nullable String parameter, @Nullable String code, String message) {
        super(message);
        this.status = status;
        this.parameter = parameter;
        this.code = code;
    }

    static ImagesFault wrong(String parameter, String message) {
        return new ImagesFault(400, parameter, "invalid_value", message);
    }

    int status() {
        return status;
    }

    @Nullable
    String parameter() {
        return parameter;
    }

    @Nullable
    String code() {
        return code;
    }
}
