package atelier.datasets.consent.list;

import atelier.common.error.MalformedException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Collects one entry's named values, as JSON and CSV alike give them. The names are id, kind, value, subdomains,
 * aliases, maxDistance, source and asOf; case and underscores in them do not matter. A name that is none of these is a
 * fault, since a misspelt one would let pictures through; names that begin with {@code x_} or {@code x-} are the list's
 * own business.
 */
final class Entries {
    /** The names of an entry's values. */
    enum Field {
        ID,
        KIND,
        VALUE,
        SUBDOMAINS,
        ALIASES,
        MAXDISTANCE,
        SOURCE,
        ASOF,
        OWN
    }

    private @Nullable EntryKind kind;
    private @Nullable String value;
    private @Nullable Boolean subdomains;
    private int maxDistance = -1;
    private final List<String> aliases = new ArrayList<>();

    void clear() {
        kind = null;
        value = null;
        subdomains = null;
        maxDistance = -1;
        aliases.clear();
    }

    static Field field(String name) {
        return switch (name) {
            case "kind" -> Field.KIND;
            case "value" -> Field.VALUE;
            case "id" -> Field.ID;
            case "source" -> Field.SOURCE;
            default -> unusual(name);
        };
    }

    private static Field unusual(String name) {
        String key = name.strip().toLowerCase(Locale.ROOT);
        if (key.startsWith("x_") || key.startsWith("x-")) {
            return Field.OWN;
        }
        String plain = key.replace("_", "").replace("-", "").replace(" ", "");
        for (Field field : Field.values()) {
            if (field != Field.OWN && field.name().toLowerCase(Locale.ROOT).equals(plain)) {
                return field;
            }
        }
        throw new MalformedException("'" + shorten(name)
                + "' is no name that an entry has; the names are id, kind, value, subdomains, aliases, maxDistance,"
                + " source, asOf (and x_... for your own)");
    }

    void put(Field field, String text) {
        switch (field) {
            case KIND -> kind = EntryKind.parse(text);
            case VALUE -> value = text;
            case SUBDOMAINS -> subdomains = truth(text);
            case ALIASES -> aliases.add(text);
            case MAXDISTANCE -> maxDistance = distance(text);
            case ASOF -> date(text);
            case ID, SOURCE, OWN -> {}
        }
    }

    OptOutEntry entry(long line) {
        if (kind == null) {
            throw new MalformedException("the entry has no kind");
        }
        if (value == null) {
            throw new MalformedException("the entry has no value");
        }
        if (maxDistance >= 0 && kind != EntryKind.PDQ) {
            throw new MalformedException("maxDistance belongs to a pdq, not to a " + kind.label());
        }
        if (subdomains != null && kind != EntryKind.DOMAIN) {
            throw new MalformedException("subdomains belongs to a domain, not to a " + kind.label());
        }
        // Unsaid, a domain opts out with all hosts under it: the more restrictive reading.
        return new OptOutEntry(line, kind, value, aliases, subdomains == null || subdomains, maxDistance);
    }

    private static boolean truth(String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "true", "yes", "1" -> true;
            case "false", "no", "0" -> false;
            default -> throw new MalformedException("subdomains must be true or false, got '" + shorten(text) + "'");
        };
    }

    private static int distance(String text) {
        try {
            int value = Integer.parseInt(text.strip());
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw new MalformedException("maxDistance must be a whole number, got '" + shorten(text) + "'");
    }

    private static void date(String text) {
        try {
            if (text.indexOf('T') > 0) {
                OffsetDateTime.parse(text.strip());
            } else {
                LocalDate.parse(text.strip());
            }
        } catch (DateTimeParseException e) {
            throw new MalformedException("asOf must be a date such as 2026-03-01, got '" + shorten(text) + "'", e);
        }
    }

    static String shorten(String text) {
        return text.length() <= 80 ? text : text.substring(0, 80) + "...";
    }
}
