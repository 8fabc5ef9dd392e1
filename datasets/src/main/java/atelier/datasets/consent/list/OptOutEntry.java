package atelier.datasets.consent.list;

import atelier.common.error.MalformedException;
import atelier.datasets.consent.key.Domains;
import atelier.datasets.consent.key.Key128;
import atelier.datasets.consent.key.Names;
import atelier.datasets.consent.key.WebAddress;
import atelier.datasets.hash.Pdq;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * One line of an opt-out manifest.
 *
 * @param line the line in its file, from 1
 * @param kind what is named
 * @param value a domain, address, 64 hexadecimal digits (sha256, pdq), name or licence identifier
 * @param aliases further values of the same kind: other names, domains or addresses of the same owner
 * @param subdomains for a domain: whether the hosts under it are meant too
 * @param maxDistance for a pdq: how many of the 256 bits may differ, or -1 when the entry does not say
 */
public record OptOutEntry(
        long line, EntryKind kind, String value, List<String> aliases, boolean subdomains, int maxDistance) {
    private static final Pattern HEX = Pattern.compile("[0-9a-fA-F]{64}");
    private static final int MAX_NAME = 4096;

    public OptOutEntry {
        aliases = List.copyOf(aliases);
        if (value.isBlank()) {
            throw new MalformedException("value is empty; give the " + kind.label() + " that is meant");
        }
        if (maxDistance < -1 || maxDistance > Pdq.MATCH) {
            throw new MalformedException("maxDistance must be from 0 to " + Pdq.MATCH + ", got " + maxDistance);
        }
    }

    /**
     * Hands the entry's keys to a sink.
     *
     * @throws MalformedException when the value, or an alias, is none of its kind
     */
    public void keys(KeySink sink) {
        key(value, sink);
        for (String alias : aliases) {
            key(alias, sink);
        }
    }

    private void key(String text, KeySink sink) {
        switch (kind) {
            case URL -> sink.url(Key128.of(WebAddress.parse(text).key()), line);
            case SHA256 -> sink.sha256(Key128.ofDigest(digits(text)), line);
            case DOMAIN -> sink.domain(Key128.of(Domains.listed(text)), subdomains, line);
            case PDQ -> sink.pdq(Pdq.parse(digits(text)), maxDistance, line);
            case CREATOR -> sink.creator(name(text), line);
            case LICENCE -> sink.licence(text.strip(), line);
        }
    }

    private String digits(String text) {
        String hex = text.strip().toLowerCase(Locale.ROOT);
        if (!HEX.matcher(hex).matches()) {
            throw new MalformedException(
                    "a " + kind.label() + " is 64 hexadecimal digits, got '" + Entries.shorten(text) + "'");
        }
        return hex;
    }

    private static String name(String text) {
        String key = Names.key(text);
        if (key.isEmpty() || key.length() > MAX_NAME) {
            throw new MalformedException("'" + Entries.shorten(text) + "' is no name");
        }
        return key;
    }
}
