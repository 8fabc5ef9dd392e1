package atelier.datasets.consent.web;

import java.util.Locale;

/**
 * A path pattern of robots.txt (RFC 9309, section 2.2.3): a prefix in which {@code *} stands for any run of characters
 * and a {@code $} at the end for the path's end. One that begins with neither {@code /} nor {@code *}, as ai.txt has
 * them, matches anywhere in the path.
 */
final class PathPattern {
    private final String pattern;
    private final boolean anchored;
    private final int length;

    PathPattern(String text) {
        String trimmed = text.strip();
        this.length = trimmed.length();
        this.anchored = trimmed.endsWith("$");
        String body = anchored ? trimmed.substring(0, trimmed.length() - 1) : trimmed;
        this.pattern = escape(body.startsWith("/") || body.startsWith("*") ? body : "*" + body);
    }

    /** How specific the pattern is: the longer one decides. */
    int length() {
        return length;
    }

    /** Whether a path, with its query, matches; time grows at most with the product of the lengths. */
    boolean matches(String path) {
        int p = 0;
        int star = -1;
        int resume = 0;
        int i = 0;
        while (true) {
            if (p == pattern.length()) {
                if (!anchored || i == path.length()) {
                    return true;
                }
            } else if (pattern.charAt(p) == '*') {
                star = p++;
                resume = i;
                continue;
            } else if (i < path.length() && pattern.charAt(p) == path.charAt(i)) {
                p++;
                i++;
                continue;
            }
            if (star < 0 || resume >= path.length()) {
                return false;
            }
            p = star + 1;
            i = ++resume;
        }
    }

    /** Escapes as {@link atelier.datasets.consent.key.WebAddress} does, so that both sides are written alike. */
    private static String escape(String text) {
        StringBuilder out = new StringBuilder();
        for (byte b : text.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
            if (b > ' ' && b < 127) {
                out.append((char) b);
            } else {
                out.append(String.format(Locale.ROOT, "%%%02X", b & 255));
            }
        }
        return out.toString();
    }
}
