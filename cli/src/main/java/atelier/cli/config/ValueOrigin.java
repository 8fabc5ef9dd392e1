package atelier.cli.config;

import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigOriginFactory;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Says where a value stands, and what a relative path is relative to.
 *
 * <p>The rule: a relative path in a file is relative to the folder that holds {@code configs/} (the repository's root);
 * a relative path on the command line is relative to where the user stands; {@code ~/} is the home folder in both.
 *
 * @param root the folder that holds {@code configs/}
 */
record ValueOrigin(Path root) {
    private static final String OVERRIDE = "override ";

    /** The origin of a value that came by the command line. */
    static ConfigOrigin override(String text) {
        return ConfigOriginFactory.newSimple(OVERRIDE + "'" + text + "'");
    }

    static boolean isOverride(ConfigOrigin origin) {
        return origin.description().startsWith(OVERRIDE);
    }

    /** {@code configs/data/demo.conf: 3}, or {@code override 'data.pairs=x'}. */
    String of(ConfigOrigin origin) {
        if (origin.filename() == null) {
            String text = origin.description();
            // A section of several files: the last one counts.
            return text.startsWith("merge of ") ? text.substring(text.lastIndexOf(',') + 1) : text;
        }
        String file = of(Path.of(origin.filename()));
        return origin.lineNumber() < 0 ? file : String.format(Locale.ROOT, "%s: %d", file, origin.lineNumber());
    }

    /** A file's path as users know it: relative to the root where it lies below. */
    String of(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        return absolute.startsWith(root) ? root.relativize(absolute).toString() : file.toString();
    }

    /** The path that {@code text} names, by the rule above. */
    Path path(String text, ConfigOrigin origin) {
        Path path = text.startsWith("~/") ? Path.of(System.getProperty("user.home"), text.substring(2)) : Path.of(text);
        boolean here = path.isAbsolute()
                || isOverride(origin)
                || root.equals(Path.of("").toAbsolutePath().normalize());
        return here ? path : root.resolve(path).normalize();
    }

    /** The same path written so that a file anywhere below the root may say it. */
    String portable(Path path) {
        Path absolute = path.toAbsolutePath().normalize();
        return absolute.startsWith(root) && !absolute.equals(root)
                ? root.relativize(absolute).toString()
                : absolute.toString();
    }
}
