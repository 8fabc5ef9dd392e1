package atelier.datasets.decode.header;

import java.io.IOException;

/** The bytes are no picture that can be decoded. The message goes on after the file's name: "ends within its header". */
public final class BadImageException extends IOException {
    private static final long serialVersionUID = 1;

    public BadImageException(String fact) {
        super(fact);
    }

    public BadImageException(String fact, Throwable cause) {
        super(fact, cause);
    }
}
