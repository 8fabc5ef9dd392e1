package atelier.datasets.consent.list;

import atelier.common.error.MalformedException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What an entry of an opt-out list names. */
public enum EntryKind {
    DOMAIN,
    URL,
    SHA256,
    PDQ,
    CREATOR,
    LICENCE;

    /** The kind's name in lists: lower case. {@code license} is read as {@code licence}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws MalformedException naming the kinds there are */
    static EntryKind parse(String text) {
        String name = text.strip().toUpperCase(Locale.ROOT);
        for (EntryKind kind : values()) {
            if (kind.name().equals(name) || (kind == LICENCE && name.equals("LICENSE"))) {
                return kind;
            }
        }
        String known = Arrays.stream(values()).map(EntryKind::label).collect(Collectors.joining(", "));
        throw new MalformedException("kind '" + text + "' is unknown; the kinds are " + known);
    }
}
