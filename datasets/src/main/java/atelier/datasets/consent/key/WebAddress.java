package atelier.datasets.consent.key;

import atelier.common.error.MalformedException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A web address in the one form in which addresses are compared. The rules, in order:
 *
 * <ol>
 *   <li>Blanks and control characters around it are cut, tabs and line ends within it dropped, {@code \} read as
 *       {@code /} before the query.
 *   <li>The scheme goes: http, https, ftp and no scheme at all are equal, because the work behind them is the same.
 *   <li>User name, password and the ports 80 and 443 go; other ports stay.
 *   <li>The host is written in lower case, internationalised names in their ASCII form, without trailing dot, and a
 *       leading {@code www.} goes.
 *   <li>An empty path is {@code /}; the segments {@code .} and {@code ..} are resolved. Letter case stays.
 *   <li>Percent escapes of letters, digits, {@code - . _ ~} are decoded; other escapes have upper-case digits; other
 *       characters than those a URL may hold are escaped as UTF-8.
 *   <li>The fragment goes, an empty query goes, and parameters that only track clicks (utm_*, fbclid, gclid) go; the
 *       others stay in their order.
 * </ol>
 *
 * @param host the host in normal form, {@code www.} kept
 * @param path path and query as in the key
 * @param key host (without {@code www.}), port, path and query
 */
public record WebAddress(String host, String path, String key) {
    private static final Pattern SCHEME = Pattern.compile("^([A-Za-z][A-Za-z0-9+.-]*):");
    private static final Pattern PORT = Pattern.compile(":(\\d*)$");
    private static final Pattern HOST_AND_PORT = Pattern.compile("^[^/?#]*:\\d+([/?#]|$)");
    private static final String PATH_MARKS = "-._~!$&'()*+,;=:@/";
    private static final int MAX_LENGTH = 64 * 1024;
    private static final int MAX_LABEL = 63;
    private static final int MAX_HOST = 253;

    /** @throws MalformedException when the text names no place on the web */
    public static WebAddress parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new MalformedException("an address of " + text.length() + " characters is no web address");
        }
        WebAddress plain = plain(text);
        if (plain != null) {
            return plain;
        }
        String rest = trim(text);
        Matcher scheme = SCHEME.matcher(rest);
        if (scheme.find() && !HOST_AND_PORT.matcher(rest).find()) {
            String name = scheme.group(1).toLowerCase(Locale.ROOT);
            if (!List.of("http", "https", "ftp", "ftps").contains(name)) {
                throw new MalformedException("'" + Domains.shorten(text) + "' has the scheme '" + name + "', not http");
            }
            rest = rest.substring(scheme.end());
        }
        int query = firstOf(rest, "?#");
        rest = rest.substring(0, query).replace('\\', '/') + rest.substring(query);
        int slashes = 0;
        while (slashes < rest.length() && rest.charAt(slashes) == '/') {
            slashes++;
        }
        rest = rest.substring(slashes);

        int end = firstOf(rest, "/?#");
        String authority = rest.substring(0, end);
        authority = authority.substring(authority.lastIndexOf('@') + 1);
        String port = "";
        Matcher number = PORT.matcher(authority);
        if (number.find()) {
            port = number.group(1);
            authority = authority.substring(0, number.start());
        }
        String host = Domains.host(decode(authority));
        String shown = port.isEmpty() || port.equals("80") || port.equals("443") ? "" : ":" + port;

        String tail = rest.substring(end);
        tail = tail.substring(0, firstOf(tail, "#"));
        int mark = firstOf(tail, "?");
        String path = resolveDots(escape(tail.substring(0, mark), PATH_MARKS));
        String parameters = mark < tail.length() ? parameters(tail.substring(mark + 1)) : "";
        String target = parameters.isEmpty() ? path : path + "?" + parameters;
        return new WebAddress(host, target, Domains.withoutWww(host) + shown + target);
    }

    /** The address of a text to which no rule but the first two applies, which most are; null for another. */
    private static @Nullable WebAddress plain(String text) {
        int start = text.startsWith("https://") ? 8 : text.startsWith("http://") ? 7 : -1;
        if (start < 0) {
            return null;
        }
        int end = start;
        int label = start;
        for (; end < text.length() && text.charAt(end) != '/'; end++) {
            char c = text.charAt(end);
            if (c == '.') {
                if (end == label || end - label > MAX_LABEL) {
                    return null;
                }
                label = end + 1;
            } else if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) {
                return null;
            }
        }
        if (end == label || end - label > MAX_LABEL || end - start > MAX_HOST) {
            return null;
        }
        for (int i = end; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!(unreserved(c) || (c < 128 && PATH_MARKS.indexOf(c) >= 0))
                    || (c == '.' && text.charAt(i - 1) == '/')) {
                return null;
            }
        }
        String host = text.substring(start, end);
        String path = end == text.length() ? "/" : text.substring(end);
        return new WebAddress(host, path, Domains.withoutWww(host) + path);
    }

    /** Whether a text claims to be an address of some scheme, so that a failure to read it means something. */
    public static boolean claimed(String text) {
        String trimmed = trim(text);
        return trimmed.contains("://") || trimmed.startsWith("//") || trimmed.startsWith("www.");
    }

    private static String trim(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && text.charAt(from) <= ' ') {
            from++;
        }
        while (to > from && text.charAt(to - 1) <= ' ') {
            to--;
        }
        StringBuilder kept = new StringBuilder(to - from);
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (c != '\t' && c != '\n' && c != '\r') {
                kept.append(c);
            }
        }
        return kept.toString();
    }

    private static String parameters(String query) {
        List<String> kept = new ArrayList<>();
        for (String parameter : query.split("&", -1)) {
            String name = upTo(parameter, "=").toLowerCase(Locale.ROOT);
            if (!name.startsWith("utm_") && !name.equals("fbclid") && !name.equals("gclid")) {
                kept.add(escape(parameter, PATH_MARKS + "?"));
            }
        }
        return String.join("&", kept);
    }

    private static String resolveDots(String path) {
        if (!path.contains("/.")) {
            return path.isEmpty() ? "/" : path;
        }
        Deque<String> segments = new ArrayDeque<>();
        String[] parts = path.substring(1).split("/", -1);
        for (int i = 0; i < parts.length; i++) {
            boolean last = i == parts.length - 1;
            if (parts[i].equals("..")) {
                segments.pollLast();
            }
            if (!parts[i].equals(".") && !parts[i].equals("..")) {
                segments.addLast(parts[i]);
            } else if (last) {
                segments.addLast("");
            }
        }
        return "/" + String.join("/", segments);
    }

    /** Writes escapes in one way; {@code marks} stay as they are, next to letters and digits. */
    private static String escape(String text, String marks) {
        StringBuilder out = new StringBuilder(text.length() + 8);
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            int value = c == '%' ? hexByte(text, i + 1) : -1;
            if (value >= 0) {
                if (unreserved(value)) {
                    out.append((char) value);
                } else {
                    percent(out, value);
                }
                i += 3;
                continue;
            }
            if (unreserved(c) || (c < 128 && marks.indexOf(c) >= 0)) {
                out.append((char) c);
            } else {
                for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                    percent(out, b & 255);
                }
            }
            i += Character.charCount(c);
        }
        return out.toString();
    }

    private static String decode(String host) {
        if (host.indexOf('%') < 0) {
            return host;
        }
        byte[] bytes = host.getBytes(StandardCharsets.UTF_8);
        byte[] out = new byte[bytes.length];
        int length = 0;
        for (int i = 0; i < bytes.length; i++) {
            int high = bytes[i] == '%' && i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
            int low = high >= 0 ? Character.digit(bytes[i + 2], 16) : -1;
            if (low >= 0) {
                out[length++] = (byte) (high << 4 | low);
                i += 2;
            } else {
                out[length++] = bytes[i];
            }
        }
        return new String(out, 0, length, StandardCharsets.UTF_8);
    }

    private static int hexByte(String text, int at) {
        if (at + 2 > text.length()) {
            return -1;
        }
        int high = Character.digit(text.charAt(at), 16);
        int low = Character.digit(text.charAt(at + 1), 16);
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    private static void percent(StringBuilder out, int value) {
        out.append('%')
                .append(Character.toUpperCase(Character.forDigit(value >> 4, 16)))
                .append(Character.toUpperCase(Character.forDigit(value & 15, 16)));
    }

    private static boolean unreserved(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '.'
                || c == '_'
                || c == '~';
    }

    private static String upTo(String text, String marks) {
        return text.substring(0, firstOf(text, marks));
    }

    private static int firstOf(String text, String marks) {
        for (int i = 0; i < text.length(); i++) {
            if (marks.indexOf(text.charAt(i)) >= 0) {
                return i;
            }
        }
        return text.length();
    }
}
