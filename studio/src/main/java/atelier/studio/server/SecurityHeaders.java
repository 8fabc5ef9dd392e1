package atelier.studio.server;

import io.javalin.http.Context;
import jakarta.servlet.http.HttpServletResponse;

/** Headers that tell a browser what an answer may do. None ever lets another origin read one. */
public final class SecurityHeaders {
    private static final String POLICY = "Content-Security-Policy";
    private static final String FRAMES = "X-Frame-Options";
    private static final String PAGE = "default-src 'none'; script-src 'self'; style-src 'self';"
            + " img-src 'self' blob: data:; connect-src 'self'; font-src 'self'; frame-src 'self';"
            + " frame-ancestors 'none'; form-action 'self'; base-uri 'none'";
    private static final String REPORT = "default-src 'none'; img-src 'self' data:; style-src 'self' 'unsafe-inline';"
            + " font-src data:; frame-ancestors 'self'; form-action 'none'; base-uri 'none'; sandbox allow-same-origin";

    private SecurityHeaders() {}

    /** For all answers. */
    static void page(HttpServletResponse response) {
        response.setHeader(POLICY, PAGE);
        response.setHeader(FRAMES, "DENY");
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("Referrer-Policy", "no-referrer");
        response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
        response.setHeader("Cross-Origin-Resource-Policy", "same-origin");
        response.setHeader("Permissions-Policy", "camera=(), microphone=(), geolocation=()");
        response.setHeader("Cache-Control", "no-store");
    }

    /** For a file of a run's report, which our own page may show in a frame; it runs no script there or anywhere. */
    public static void report(Context context) {
        context.header(POLICY, REPORT);
        context.header(FRAMES, "SAMEORIGIN");
    }
}
