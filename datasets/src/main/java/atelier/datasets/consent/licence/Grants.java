package atelier.datasets.consent.licence;

import atelier.common.error.MalformedException;
import atelier.datasets.consent.key.Key128;
import atelier.datasets.consent.key.Names;
import atelier.datasets.consent.list.EntryKind;
import atelier.datasets.consent.list.JsonLines;
import atelier.datasets.consent.list.KeySink;
import atelier.datasets.consent.list.ListDigest;
import atelier.datasets.consent.list.OptOutEntry;
import atelier.datasets.hash.Pdq;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Recorded licence grants, the only thing that overrides an opt-out. A file holds one JSON object a line:
 *
 * <pre>
 * {"id": "G-12", "kind": "creator", "value": "Jane Doe", "licence": "LicenseRef-G-12", "grantor": "Jane Doe",
 *  "date": "2026-02-01", "evidence": "contracts/g-12.pdf", "until": "2027-02-01"}
 * </pre>
 *
 * <p>kind is sha256, url, domain or creator; until may be missing, all else may not. aliases and subdomains are as in
 * opt-out manifests, but a domain's subdomains are granted only when the grant says so.
 */
public final class Grants {
    private static final Set<String> NAMES =
            Set.of("id", "kind", "value", "aliases", "subdomains", "licence", "grantor", "date", "evidence", "until");

    private final LocalDate today;
    private final Map<Key128, Grant> digests = new HashMap<>();
    private final Map<Key128, Grant> urls = new HashMap<>();
    private final Map<Key128, Grant> hosts = new HashMap<>();
    private final Map<Key128, Grant> domains = new HashMap<>();
    private final Map<String, Grant> creators = new HashMap<>();

    /** A grant, with the list and line that record it. */
    public record Grant(
            String id, String licence, String grantor, LocalDate date, String evidence, String list, long line) {}

    /** @param today grants that ended before this day no longer count */
    public Grants(LocalDate today) {
        this.today = today;
    }

    /** @throws atelier.common.error.RefusedException naming file and line when a grant is not recorded in full */
    public ListDigest add(Path file) {
        return JsonLines.read(file, "licence.grants", (node, line) -> record(node, file.toString(), line));
    }

    /** The grant for a file of that digest, or null. */
    public @Nullable Grant forDigest(Key128 digest) {
        return digests.get(digest);
    }

    /** The grant for one of the addresses, or null. */
    public @Nullable Grant forUrl(Key128 address) {
        return urls.get(address);
    }

    /** The grant for a host: one for the host itself, or for a domain above it with its subdomains; or null. */
    public @Nullable Grant forHost(Key128 host, List<Key128> withParents) {
        Grant exact = hosts.get(host);
        if (exact != null) {
            return exact;
        }
        return withParents.stream()
                .map(domains::get)
                .filter(g -> g != null)
                .findFirst()
                .orElse(null);
    }

    /** The grant of a picture's creators, or null unless every one of them, by name, gave one. */
    public @Nullable Grant forCreators(Collection<String> names) {
        Grant grant = null;
        for (String name : names) {
            Grant one = Names.orders(name).stream()
                    .map(order -> creators.get(Names.key(order)))
                    .filter(g -> g != null)
                    .findFirst()
                    .orElse(null);
            if (one == null) {
                return null;
            }
            grant = grant == null ? one : grant;
        }
        return grant;
    }

    private void record(JsonNode node, String list, long line) {
        for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!NAMES.contains(name) && !name.startsWith("x_")) {
                throw new MalformedException("'" + name + "' is no name that a grant has; the names are id, kind,"
                        + " value, aliases, subdomains, licence, grantor, date, evidence, until");
            }
        }
        LocalDate until = node.has("until") ? date(node, "until") : LocalDate.MAX;
        Grant grant = new Grant(
                text(node, "id"),
                text(node, "licence"),
                text(node, "grantor"),
                date(node, "date"),
                text(node, "evidence"),
                list,
                line);
        List<String> aliases = new ArrayList<>();
        node.path("aliases").forEach(alias -> aliases.add(alias.asText()));
        OptOutEntry entry = new OptOutEntry(
                line,
                kind(text(node, "kind")),
                text(node, "value"),
                aliases,
                node.path("subdomains").asBoolean(false),
                -1);
        entry.keys(new Sink(until.isBefore(today) ? null : grant));
    }

    private static EntryKind kind(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "sha256" -> EntryKind.SHA256;
            case "url" -> EntryKind.URL;
            case "domain" -> EntryKind.DOMAIN;
            case "creator" -> EntryKind.CREATOR;
            default ->
                throw new MalformedException(
                        "kind '" + text + "' cannot be granted for; the kinds are sha256, url, domain, creator");
        };
    }

    private static String text(JsonNode node, String name) {
        JsonNode value = node.path(name);
        if (!value.isTextual() || value.asText().isBlank()) {
            throw new MalformedException("the grant has no " + name
                    + "; a grant records id, kind, value, licence, grantor, date and evidence");
        }
        return value.asText().strip();
    }

    private static LocalDate date(JsonNode node, String name) {
        String text = text(node, name);
        try {
            return LocalDate.parse(text);
        } catch (DateTimeParseException e) {
            throw new MalformedException(name + " must be a day such as 2026-02-01, got '" + text + "'", e);
        }
    }

    /** Files a grant under its keys; one that ended, given as null, is only checked. */
    private final class Sink implements KeySink {
        private final @Nullable Grant grant;

        Sink(@Nullable Grant grant) {
            this.grant = grant;
        }

        @Override
        public void url(Key128 key, long line) {
            put(urls, key);
        }

        @Override
        public void sha256(Key128 key, long line) {
            put(digests, key);
        }

        @Override
        public void domain(Key128 key, boolean subdomains, long line) {
            put(hosts, key);
            if (subdomains) {
                put(domains, key);
            }
        }

        @Override
        public void pdq(Pdq hash, int maxDistance, long line) {
            throw new MalformedException("a perceptual digest cannot be granted for");
        }

        @Override
        public void creator(String name, long line) {
            put(creators, name);
        }

        @Override
        public void licence(String id, long line) {
            throw new MalformedException("a licence cannot be granted for");
        }

        private <K> void put(Map<K, Grant> map, K key) {
            if (grant != null) {
                map.putIfAbsent(key, grant);
            }
        }
    }
}
