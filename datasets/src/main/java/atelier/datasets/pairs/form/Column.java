package atelier.datasets.pairs.form;

import java.util.Locale;
import java.util.regex.Pattern;

/** A column of a table of pairs, or a key of a JSON object, and what it means. */
record Column(Role role, String name) {
    enum Role {
        IMAGE,
        CAPTION,
        ALTERNATIVE,
        CREATOR,
        LICENCE,
        SOURCE,
        WEIGHT,
        REPEATS,
        EXTRA
    }

    private static final Pattern ALTERNATIVE = Pattern.compile("(caption|text|prompt)s?[_ -]?\\d*");

    /** What a header means; letter case and surrounding blanks do not matter. */
    static Column of(String header) {
        String name = header.strip();
        String key = name.toLowerCase(Locale.ROOT);
        Role role = switch (key) {
            case "image", "file_name", "image_path", "file", "filename" -> Role.IMAGE;
            case "caption", "text", "prompt" -> Role.CAPTION;
            case "creator", "artist", "author" -> Role.CREATOR;
            case "licence", "license" -> Role.LICENCE;
            case "source", "url", "source_url", "source url" -> Role.SOURCE;
            case "weight" -> Role.WEIGHT;
            case "repeats" -> Role.REPEATS;
            default -> ALTERNATIVE.matcher(key).matches() ? Role.ALTERNATIVE : Role.EXTRA;
        };
        return new Column(role, name);
    }
}
