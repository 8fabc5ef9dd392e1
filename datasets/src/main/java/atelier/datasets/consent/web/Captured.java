package atelier.datasets.consent.web;

import atelier.common.error.MalformedException;
import atelier.datasets.consent.key.WebAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jspecify.annotations.Nullable;

/**
 * A server's reply as it was captured when the image was fetched: its header fields, and the page that showed it.
 *
 * @param headers field name in lower case to its values
 * @param html the page, or null
 */
public record Captured(
        Map<String, List<String>> headers, @Nullable String html) {
    private static final List<String> COLUMNS =
            List.of("x-robots-tag", "tdm-reservation", "tdm-policy", "content-usage", "content-signal", "link");

    /**
     * From the further columns of a pair: any of the header fields that matter, {@code headers} for a whole block of
     * {@code name: value} lines, {@code html} for the page, {@code meta-robots} for the content of that element. Case
     * does not matter, nor whether words are joined by {@code -} or {@code _}. Null when there is none.
     *
     * @throws MalformedException when {@code headers} is no such block
     */
    public static @Nullable Captured ofColumns(Map<String, String> columns) {
        Map<String, List<String>> headers = new TreeMap<>();
        String html = null;
        for (Map.Entry<String, String> column : columns.entrySet()) {
            String name = column.getKey().strip().toLowerCase(Locale.ROOT).replace('_', '-');
            if (COLUMNS.contains(name)) {
                headers.computeIfAbsent(name, n -> new ArrayList<>()).add(column.getValue());
            } else if (name.equals("headers")) {
                block(column.getValue(), headers);
            } else if (name.equals("meta-robots") || name.equals("robots-meta")) {
                html = (html == null ? "" : html)
                        + Jsoup.parse("<meta name=robots>")
                                .head()
                                .child(0)
                                .attr("content", column.getValue())
                                .outerHtml();
            } else if (name.equals("html")) {
                html = column.getValue() + (html == null ? "" : html);
            }
        }
        return headers.isEmpty() && html == null ? null : new Captured(headers, html);
    }

    /** Whether {@link #ofColumns} reads a column of that name, in lower case with - for _. */
    public static boolean isColumn(String name) {
        return COLUMNS.contains(name)
                || name.equals("headers")
                || name.equals("meta-robots")
                || name.equals("robots-meta")
                || name.equals("html");
    }

    private static void block(String text, Map<String, List<String>> headers) {
        for (String line : text.split("\r\n|\r|\n", -1)) {
            int colon = line.indexOf(':');
            if (line.isBlank() || line.startsWith("HTTP/")) {
                continue;
            }
            if (colon <= 0) {
                throw new MalformedException("the captured headers hold a line without a colon");
            }
            headers.computeIfAbsent(line.substring(0, colon).strip().toLowerCase(Locale.ROOT), n -> new ArrayList<>())
                    .add(line.substring(colon + 1).strip());
        }
    }

    /**
     * All objections in the reply.
     *
     * @param address where the image came from, if known, for the licences that name addresses
     * @param strict whether directives against indexing, and those for other agents, count
     * @param rslKnown whether the host's RSL licence was captured too, so that pointers to it need no care
     */
    public List<Signal> signals(@Nullable WebAddress address, boolean strict, boolean rslKnown) {
        List<Signal> signals = new ArrayList<>();
        NoAi noAi = new NoAi(strict);
        values("x-robots-tag").forEach(v -> add(signals, noAi.header(v)));
        values("tdm-reservation").forEach(v -> add(signals, TdmRep.value(v)));
        // Fields that come more than once are one list, by the rules of HTTP.
        if (headers.containsKey("content-usage")) {
            add(signals, UsagePreference.contentUsage(String.join(", ", values("content-usage")), 0));
        }
        values("content-signal").forEach(v -> add(signals, UsagePreference.contentSignal(v, 0)));
        values("link").stream()
                .filter(v -> !rslKnown && isLicenseLink(v))
                .forEach(v -> add(signals, unread("the header Link")));
        if (html != null) {
            page(html, noAi, address, rslKnown, signals);
        }
        return signals;
    }

    private static void page(
            String html, NoAi noAi, @Nullable WebAddress address, boolean rslKnown, List<Signal> signals) {
        Document page = Jsoup.parse(html);
        for (Element meta : page.select("meta[name]")) {
            String name = meta.attr("name");
            add(signals, noAi.meta(name, meta.attr("content")));
            if (name.strip().equalsIgnoreCase("tdm-reservation")) {
                add(signals, TdmRep.value(meta.attr("content")));
            }
        }
        for (Element script : page.select("script[type=application/rsl+xml]")) {
            try {
                Rsl rsl = Rsl.parse(script.data().strip().getBytes(StandardCharsets.UTF_8));
                add(signals, address == null ? unread("the page, whose address is not known,") : rsl.signal(address));
            } catch (MalformedException e) {
                add(signals, new Signal(Signal.Protocol.RSL, "the page's RSL cannot be read: " + e.getMessage(), 0));
            }
        }
        if (!rslKnown
                && !page.select("link[rel~=(?i)license][type=application/rsl+xml]")
                        .isEmpty()) {
            add(signals, unread("the page"));
        }
    }

    private static boolean isLicenseLink(String value) {
        String lower = value.toLowerCase(Locale.ROOT);
        return lower.contains("application/rsl+xml") && lower.contains("license");
    }

    private static Signal unread(String who) {
        return new Signal(
                Signal.Protocol.RSL,
                who + " points to an RSL licence that was not captured; save it as license.xml in the host's folder"
                        + " under optout.sites",
                0);
    }

    private List<String> values(String name) {
        return headers.getOrDefault(name, List.of());
    }

    private static void add(List<Signal> signals, @Nullable Signal signal) {
        if (signal != null) {
            signals.add(signal);
        }
    }
}
