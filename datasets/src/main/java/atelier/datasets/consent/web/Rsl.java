package atelier.datasets.consent.web;

import atelier.common.error.MalformedException;
import atelier.datasets.consent.key.Domains;
import atelier.datasets.consent.key.WebAddress;
import atelier.datasets.consent.xml.XmlElements;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javax.xml.namespace.QName;
import org.jspecify.annotations.Nullable;

/**
 * A licence document of RSL 1.0 (Really Simple Licensing). For the addresses that a content element covers, training is
 * objected to when one of its licences prohibits the use (tokens all, ai-all, ai-train, and the older train-ai), or none
 * permits it as it stands: one whose permitted uses leave training out does not, nor does one that asks for a payment or
 * a licence server's consent, which nobody has obtained.
 *
 * <p>Source: RSL 1.0 Specification, RSL Technical Steering Committee, 2025.
 */
final class Rsl {
    private static final Set<String> TRAINING =
            Set.of("all", "ai-all", "ai-train", "train-ai", "ai", "train-genai", "ai-train-genai");
    private static final Set<String> UNPAID = Set.of("free", "attribution");

    private final List<Content> contents = new ArrayList<>();

    private Rsl() {}

    private static final class Content {
        private final String url;
        private final long line;
        private final boolean server;
        private final List<License> licenses = new ArrayList<>();

        Content(String url, long line, boolean server) {
            this.url = url;
            this.line = line;
            this.server = server;
        }
    }

    private static final class License {
        private boolean prohibits;
        private boolean limited;
        private boolean permits;
        private boolean paid;

        boolean grants() {
            return !prohibits && !paid && (permits || !limited);
        }
    }

    /** @throws MalformedException when the document is no RSL */
    static Rsl parse(byte[] xml) {
        Rsl rsl = new Rsl();
        XmlElements.walk(xml, rsl.new Reader());
        if (rsl.contents.isEmpty()) {
            throw new MalformedException("the document names no content");
        }
        return rsl;
    }

    /** What the document says about an address, or null when it does not object. */
    @Nullable
    Signal signal(WebAddress address) {
        for (Content content : contents) {
            if (!covers(content.url, address)) {
                continue;
            }
            boolean prohibited = content.licenses.stream().anyMatch(l -> l.prohibits);
            if (prohibited) {
                return signal("prohibits the use for AI training", content);
            }
            if (content.server) {
                return signal("lets a licence server decide", content);
            }
            if (content.licenses.stream().noneMatch(License::grants)) {
                return signal("has no licence that permits AI training free of charge", content);
            }
        }
        return null;
    }

    private static Signal signal(String what, Content content) {
        return new Signal(Signal.Protocol.RSL, "RSL for '" + content.url + "' " + what, content.line);
    }

    /** A pattern is a path on the document's own server, or begins with scheme and host. */
    private static boolean covers(String url, WebAddress address) {
        String path = url;
        int scheme = url.indexOf("://");
        if (scheme > 0) {
            int slash = url.indexOf('/', scheme + 3);
            String host = slash < 0 ? url.substring(scheme + 3) : url.substring(scheme + 3, slash);
            path = slash < 0 ? "/" : url.substring(slash);
            String wanted = Domains.withoutWww(host.toLowerCase(Locale.ROOT).replaceAll(":\\d+$", ""));
            boolean any = wanted.startsWith("*.") && Domains.isUnder(address.host(), wanted.substring(2));
            if (!any && !wanted.equals(Domains.withoutWww(address.host()))) {
                return false;
            }
        }
        return new PathPattern(path.isEmpty() ? "/" : path).matches(address.path());
    }

    private final class Reader implements XmlElements.Handler {
        private boolean root = true;
        private @Nullable Content content;
        private @Nullable License license;
        private @Nullable String type;

        @Override
        public void begin(QName name, Map<QName, String> attributes, int line) {
            if (root && !name.getLocalPart().equals("rsl")) {
                throw new MalformedException("the document's root is '" + name.getLocalPart() + "', not rsl");
            }
            root = false;
            switch (name.getLocalPart()) {
                case "content" -> {
                    String url = attributes.get(new QName("url"));
                    if (url == null || url.isBlank()) {
                        throw new MalformedException("line " + line + ": content has no url");
                    }
                    content = new Content(url.strip(), line, attributes.containsKey(new QName("server")));
                    contents.add(content);
                }
                case "license" -> {
                    license = new License();
                    if (content != null) {
                        content.licenses.add(license);
                    }
                }
                case "permits", "prohibits" -> type = attributes.getOrDefault(new QName("type"), "usage");
                case "payment" -> {
                    String kind = attributes.getOrDefault(new QName("type"), "free");
                    if (license != null && !UNPAID.contains(kind.strip().toLowerCase(Locale.ROOT))) {
                        license.paid = true;
                    }
                }
                default -> {}
            }
        }

        @Override
        public void end(QName name, String text) {
            boolean permits = name.getLocalPart().equals("permits");
            if (license != null
                    && "usage".equals(type)
                    && (permits || name.getLocalPart().equals("prohibits"))) {
                boolean training = Arrays.stream(
                                text.strip().toLowerCase(Locale.ROOT).split("[,\\s]+", -1))
                        .anyMatch(TRAINING::contains);
                license.limited |= permits;
                license.permits |= permits && training;
                license.prohibits |= !permits && training;
            }
            switch (name.getLocalPart()) {
                case "content" -> content = null;
                case "license" -> license = null;
                case "permits", "prohibits" -> type = null;
                default -> {}
            }
        }
    }
}
