package atelier.studio.server;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where a request may carry the key: a browser in a cookie, whose name holds the port because cookies do not tell ports
 * apart; a program in the header Authorization, as Bearer or as the password of Basic, whose user is not looked at.
 */
final class Credentials {
    static final String PARAMETER = "key";
    private static final String BASIC = "basic ";
    private static final String BEARER = "bearer ";

    private final AccessKey key;

    Credentials(AccessKey key) {
        this.key = key;
    }

    static String cookieName(int port) {
        return "atelier-" + port;
    }

    /** The cookie: sent by no other site, read by no script, gone with the browser. */
    String cookie(int port) {
        return cookieName(port) + "=" + key.text() + "; Path=/; HttpOnly; SameSite=Strict";
    }

    boolean inCookie(HttpServletRequest request, int port) {
        Cookie[] cookies = request.getCookies();
        if (cookies != null) {
            for (Cookie cookie : cookies) {
                if (cookie.getName().equals(cookieName(port)) && key.matches(cookie.getValue())) {
                    return true;
                }
            }
        }
        return false;
    }

    boolean inHeader(HttpServletRequest request) {
        String header = request.getHeader("Authorization");
        if (header == null) {
            return false;
        }
        String scheme = header.toLowerCase(Locale.ROOT);
        if (scheme.startsWith(BEARER)) {
            return key.matches(header.substring(BEARER.length()).strip());
        }
        return scheme.startsWith(BASIC)
                && key.matches(password(header.substring(BASIC.length()).strip()));
    }

    private static @Nullable String password(String encoded) {
        try {
            String pair = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            return colon < 0 ? null : pair.substring(colon + 1);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Whether the printed link was followed. */
    boolean inQuery(HttpServletRequest request) {
        for (String part : parts(request)) {
            if (part.startsWith(PARAMETER + "=") && key.matches(part.substring(PARAMETER.length() + 1))) {
                return true;
            }
        }
        return false;
    }

    /** The same path and query without the key. */
    static String withoutKey(HttpServletRequest request) {
        StringBuilder rest = new StringBuilder();
        for (String part : parts(request)) {
            if (!part.isEmpty() && !part.startsWith(PARAMETER + "=")) {
                rest.append(rest.length() == 0 ? '?' : '&').append(part);
            }
        }
        return request.getRequestURI() + rest;
    }

    private static String[] parts(HttpServletRequest request) {
        String query = request.getQueryString();
        return query == null ? new String[0] : query.split("&");
    }
}
