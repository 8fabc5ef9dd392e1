package atelier.studio.server;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a path takes as body. JSON, which no form of another site can send; on two paths bytes of pictures. Their types
 * image/* and application/octet-stream cannot be sent by a form either. multipart/form-data can, so it is taken where a
 * program has put the key into a header, and never by cookie.
 */
enum BodyRule {
    JSON("application/json"),
    PICTURE("image/* or application/octet-stream"),
    PARTS("multipart/form-data with the key in Authorization, or application/json");

    private static final long MIB = 1 << 20;
    /** Pictures in base64 come in JSON too. */
    private static final long MOST = 64 * MIB;

    private final String told;

    BodyRule(String told) {
        this.told = told;
    }

    static BodyRule of(HttpServletRequest request) {
        String path = request.getRequestURI();
        if (request.getMethod().equals("PUT") && path.startsWith("/api/v1/pictures/") && !path.endsWith("/caption")) {
            return PICTURE;
        }
        return request.getMethod().equals("POST") && path.equals("/v1/images/edits") ? PARTS : JSON;
    }

    static boolean hasBody(HttpServletRequest request) {
        return request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null;
    }

    /** @param byHeader whether the key came in a header */
    boolean takes(@Nullable String contentType, boolean byHeader) {
        String type =
                contentType == null ? "" : contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        return switch (this) {
            case JSON -> type.equals("application/json");
            case PICTURE -> type.startsWith("image/") || type.equals("application/octet-stream");
            case PARTS -> type.equals("application/json") || (byHeader && type.equals("multipart/form-data"));
        };
    }

    /** Bytes that are read at most. */
    long most() {
        return MOST;
    }

    String told() {
        return told;
    }
}
