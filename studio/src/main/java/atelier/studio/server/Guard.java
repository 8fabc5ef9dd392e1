package atelier.studio.server;

import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may speak with the studio, decided before any handler is called, for every path: the Host must be our own (421),
 * the method one that we know (405), the page that asks our own (403), the key there (401), the body of a type (415) and
 * size (413) that is read.
 */
final class Guard implements Filter {
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "DELETE");
    private static final Set<String> READING = Set.of("GET", "HEAD");

    private final Credentials credentials;
    private volatile int port;

    Guard(AccessKey key) {
        this.credentials = new Credentials(key);
    }

    /** Until this is called no Host is ours. */
    void listensOn(int bound) {
        port = bound;
    }

    @Override
    public void doFilter(ServletRequest plain, ServletResponse answer, FilterChain next)
            throws IOException, ServletException {
        HttpServletRequest request = (HttpServletRequest) plain;
        HttpServletResponse response = (HttpServletResponse) answer;
        SecurityHeaders.page(response);
        Refusal refusal = refusal(request);
        if (refusal != null) {
            if (refusal.status() == 401) {
                // Not Basic, for which a browser would ask for a password.
                response.setHeader("WWW-Authenticate", "Bearer realm=\"atelier\"");
            }
            if (refusal.status() == 405) {
                response.setHeader("Allow", "GET, HEAD, POST, PUT, DELETE");
            }
            // What is left of a body is not read: the connection ends with the answer.
            response.setHeader("Connection", "close");
            ErrorForm.write(response, request.getRequestURI(), refusal.status(), refusal.error());
            return;
        }
        if (isLink(request)) {
            response.setStatus(HttpServletResponse.SC_SEE_OTHER);
            response.addHeader("Set-Cookie", credentials.cookie(port));
            response.setHeader("Location", "http://" + request.getHeader("Host") + Credentials.withoutKey(request));
            return;
        }
        next.doFilter(new BoundedRequest(request, BodyRule.of(request).most()), response);
    }

    /** An answer that is no. */
    private record Refusal(int status, ErrorForm.Problem error) {
        static Refusal of(int status, String place, String fact, String remedy) {
            return new Refusal(status, new ErrorForm.Problem(place, fact, remedy));
        }
    }

    private @Nullable Refusal refusal(HttpServletRequest request) {
        String host = request.getHeader("Host");
        if (host == null || !hosts().contains(host)) {
            return Refusal.of(421, "Host", "this server answers to 127.0.0.1 only", "use the link that was printed");
        }
        if (!METHODS.contains(request.getMethod())) {
            return Refusal.of(
                    405, "the method", "it is not one that this server knows", "use GET, POST, PUT or DELETE");
        }
        if (isForeign(request, host)) {
            return Refusal.of(
                    403, "Origin", "another site asks for this", "open the studio by the link that was printed");
        }
        boolean byHeader = credentials.inHeader(request);
        if (!byHeader && !credentials.inCookie(request, port) && !isLink(request)) {
            return Refusal.of(
                    401,
                    "the key",
                    "it is missing, or that of an earlier start",
                    "open the link that scripts/atelier studio printed, or send its key as Bearer or as the password"
                            + " of Basic");
        }
        BodyRule rule = BodyRule.of(request);
        if (BodyRule.hasBody(request) && !rule.takes(request.getContentType(), byHeader)) {
            return Refusal.of(415, "Content-Type", "this path takes " + rule.told(), "send that");
        }
        if (request.getContentLengthLong() > rule.most()) {
            return Refusal.of(413, "the body", "it is larger than " + rule.most() + " bytes", "send less");
        }
        return null;
    }

    private boolean isLink(HttpServletRequest request) {
        return request.getMethod().equals("GET") && credentials.inQuery(request);
    }

    private List<String> hosts() {
        return port == 0 ? List.of() : List.of("127.0.0.1:" + port, "localhost:" + port, "[::1]:" + port);
    }

    /**
     * Whether a page of another origin asks. Browsers say who asks in Origin, and with Sec-Fetch-Site also where they send
     * no Origin, as for pictures and forms that only read. Programs send neither. A link to us from elsewhere is no harm:
     * reading changes nothing, and the reader is the user.
     */
    private static boolean isForeign(HttpServletRequest request, String host) {
        String origin = request.getHeader("Origin");
        if (origin != null && !origin.equals("http://" + host)) {
            return true;
        }
        String site = request.getHeader("Sec-Fetch-Site");
        if (site == null || site.equals("same-origin") || site.equals("none")) {
            return false;
        }
        return !READING.contains(request.getMethod())
                || !"navigate".equals(request.getHeader("Sec-Fetch-Mode"))
                || !"document".equals(request.getHeader("Sec-Fetch-Dest"));
    }
}
