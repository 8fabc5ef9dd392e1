package atelier.studio.server;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** What whoever speaks with the studio must know: 192 random bits, new at every start, as 32 letters of base64url. */
public final class AccessKey {
    private static final int BYTES = 24;

    private final String text;

    private AccessKey(String text) {
        this.text = text;
    }

    /** A new one. */
    public static AccessKey random() {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return new AccessKey(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }

    /** As it stands in the link. */
    public String text() {
        return text;
    }

    /** Whether this is the key; the time that it takes does not depend on where the two differ. */
    boolean matches(@Nullable String given) {
        return given != null
                && MessageDigest.isEqual(text.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return "a key that is not shown";
    }
}
