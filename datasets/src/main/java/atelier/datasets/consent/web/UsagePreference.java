package atelier.datasets.consent.web;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Usage preferences as AIPREF and Content-Signal write them, in a header or a line of robots.txt, there with a path in
 * front if they hold for part of the site only.
 *
 * <p>AIPREF: {@code Content-Usage: train-ai=n}, a dictionary of RFC 9651. Of the categories that include this kind of
 * training the narrowest that is stated decides. Content-Signal: {@code Content-Signal: search=yes, ai-train=no}. A
 * value that is neither yes nor no is not understood, and taken for an objection.
 *
 * <p>Sources: draft-ietf-aipref-attach-04, draft-ietf-aipref-vocab-05; draft-romm-aipref-contentsignals-00.
 */
final class UsagePreference {
    private static final Pattern MEMBER = Pattern.compile(
            "\\s*([a-z*][a-z0-9_.*-]*)(=(\\?[01]|-?\\d+(\\.\\d+)?|\"[^\"\\\\]*\"|[A-Za-z*][^\\s,;\"()]*))?(\\s*;[^,]*)?\\s*");
    private static final Pattern SIGNAL = Pattern.compile("\\s*([A-Za-z][A-Za-z0-9_-]*)\\s*=\\s*([A-Za-z]+)\\s*");
    /** From the narrowest category to the widest. */
    private static final List<String> CATEGORIES = List.of("train-genai", "genai", "train-ai", "tdm", "bots", "all");

    private UsagePreference() {}

    /** What a Content-Usage value says, or null when it does not object. */
    static @Nullable Signal contentUsage(String value, long line) {
        Map<String, String> stated = new LinkedHashMap<>();
        if (value.isBlank()) {
            return null;
        }
        for (String part : value.split(",", -1)) {
            Matcher member = MEMBER.matcher(part);
            if (!member.matches()) {
                return signal(Signal.Protocol.AIPREF, "'Content-Usage: " + value + "' cannot be read", line);
            }
            stated.put(member.group(1), member.group(3) == null ? "?1" : member.group(3));
        }
        for (String category : CATEGORIES) {
            String preference = stated.get(category);
            if (preference != null) {
                return preference.equals("y")
                        ? null
                        : signal(
                                Signal.Protocol.AIPREF,
                                "'Content-Usage: " + value + "'"
                                        + (preference.equals("n") ? "" : ", where " + category + " is neither y nor n"),
                                line);
            }
        }
        return null;
    }

    /** What a Content-Signal value says, or null when it does not object. */
    static @Nullable Signal contentSignal(String value, long line) {
        String said = "'Content-Signal: " + value + "'";
        Signal objection = null;
        if (value.isBlank()) {
            return null;
        }
        for (String part : value.split(",", -1)) {
            Matcher signal = SIGNAL.matcher(part);
            if (!signal.matches()) {
                return signal(Signal.Protocol.CONTENT_SIGNAL, said + " cannot be read", line);
            }
            if (signal.group(1).equalsIgnoreCase("ai-train") && !signal.group(2).equalsIgnoreCase("yes")) {
                boolean no = signal.group(2).equalsIgnoreCase("no");
                objection = signal(
                        Signal.Protocol.CONTENT_SIGNAL,
                        said + (no ? "" : ", where ai-train is neither yes nor no"),
                        line);
            }
        }
        return objection;
    }

    /** What the lines of robots.txt say about a path, by both protocols: for each the longest path that matches. */
    static List<Signal> robots(List<RobotsFile.Line> lines, String path) {
        List<Signal> signals = new ArrayList<>();
        for (Signal.Protocol protocol : List.of(Signal.Protocol.AIPREF, Signal.Protocol.CONTENT_SIGNAL)) {
            String name = protocol == Signal.Protocol.AIPREF ? "content-usage" : "content-signal";
            int longest = -1;
            Signal deciding = null;
            for (RobotsFile.Line line : lines) {
                if (!line.name().equals(name)) {
                    continue;
                }
                String where = line.value().startsWith("/") ? line.value().split("\\s+", 2)[0] : "/";
                String what = line.value().startsWith("/")
                        ? line.value().substring(where.length()).strip()
                        : line.value();
                PathPattern pattern = new PathPattern(where);
                if (pattern.length() < longest || !pattern.matches(path)) {
                    continue;
                }
                Signal signal = protocol == Signal.Protocol.AIPREF
                        ? contentUsage(what, line.number())
                        : contentSignal(what, line.number());
                if (pattern.length() > longest || deciding == null) {
                    deciding = signal;
                }
                longest = pattern.length();
            }
            if (deciding != null) {
                signals.add(deciding);
            }
        }
        return signals;
    }

    private static Signal signal(Signal.Protocol protocol, String reason, long line) {
        return new Signal(protocol, reason, line);
    }
}
