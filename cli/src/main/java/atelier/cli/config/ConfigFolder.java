package atelier.cli.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigParseable;
import com.typesafe.config.ConfigSyntax;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The folder {@code configs/}: a sub-folder is a group, a file in it an option, a file at the top a command's own. */
public final class ConfigFolder {
    private static final String SUFFIX = ".conf";

    private final Path folder;
    private final ValueOrigin places;
    private final Set<String> groups;

    /**
     * Opens {@code root/configs}.
     *
     * @param root the repository's root, to which relative paths in files are relative
     * @throws ConfigurationException if there is no such folder
     */
    public ConfigFolder(Path root) {
        this.places = new ValueOrigin(root.toAbsolutePath().normalize());
        this.folder = places.root().resolve("configs");
        if (!Files.isDirectory(folder)) {
            throw new ConfigurationException(new Problem(
                    folder.toString(),
                    "there is no such folder",
                    "start Atelier by scripts/atelier of its repository"));
        }
        this.groups = groups(folder);
    }

    ValueOrigin places() {
        return places;
    }

    /** The groups' names, sorted; a folder within a folder is {@code outer/inner}. */
    public Set<String> groups() {
        return groups;
    }

    private static Set<String> groups(Path folder) {
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.filter(path -> Files.isDirectory(path) && !path.equals(folder))
                    .map(path -> folder.relativize(path).toString())
                    .collect(Collectors.toCollection(TreeSet::new));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The options of a group, sorted; those of the empty group are the commands' own files. */
    public List<String> options(String group) {
        try (Stream<Path> files = Files.list(folder.resolve(group))) {
            return files.map(path -> path.getFileName().toString())
                    .filter(name -> name.endsWith(SUFFIX))
                    .map(name -> name.substring(0, name.length() - SUFFIX.length()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The comment at the beginning of an option's file: what the option is, in one line; empty if there is none. */
    public String summary(String group, String option) {
        try (Stream<String> lines = Files.lines(folder.resolve(group).resolve(option + SUFFIX))) {
            return lines.takeWhile(line -> line.startsWith("#"))
                    .map(line -> line.substring(1).strip())
                    .collect(Collectors.joining(" "));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The keys that an option's own file sets, sorted, each with its value as one would type it. */
    public Map<String, String> sets(String group, String option) {
        Map<String, String> sets = new TreeMap<>();
        ConfigFile file = read(group, option, "configs/" + group);
        new KeyTree(file.content().root()).leaves().forEach((key, value) -> {
            try {
                sets.put(key, Help.plain(value));
            } catch (ConfigException.NotResolved e) {
                sets.put(key, value.render()); // a substitution, as the file writes it
            }
        });
        return sets;
    }

    /**
     * Reads an option of a group. A name that ends in {@code .conf} is a file of the user's own.
     *
     * @param place who asks for it, for the message
     * @throws ConfigurationException if there is no such option, or its file cannot be parsed
     */
    ConfigFile read(String group, String option, String place) {
        boolean own = option.endsWith(SUFFIX);
        Path file = own ? Path.of(option) : folder.resolve(group).resolve(option + SUFFIX);
        if (Files.isRegularFile(file)) {
            return ConfigFile.of(group, parse(file), places);
        }
        if (own) {
            throw new ConfigurationException(new Problem(place, "'" + option + "' does not exist", "check the path"));
        }
        List<String> options = options(group);
        String all = "options: " + String.join(", ", options) + "; or a file's path that ends in .conf";
        List<String> near = NearestNames.of(option, options);
        throw new ConfigurationException(new Problem(
                place,
                (group.isEmpty() ? "configs" : group) + " has no option '" + option + "'",
                near.isEmpty() ? all : "did you mean " + String.join(" or ", near) + "? (" + all + ")"));
    }

    /**
     * Parses one file; an include of a file that is not there is an error.
     *
     * @throws ConfigurationException if it cannot be parsed
     */
    Config parse(Path file) {
        ConfigParseOptions options = ConfigParseOptions.defaults()
                .setSyntax(ConfigSyntax.CONF)
                .setAllowMissing(false)
                .setIncluder(new StrictIncluder());
        try {
            return RenamedKeys.spelled(ConfigFactory.parseFile(file.toFile(), options));
        } catch (ConfigException.IO e) {
            throw new ConfigurationException(new Problem(
                    places.of(file), "it, or a file that it includes, cannot be read", "check: " + e.getMessage()));
        } catch (ConfigException e) {
            throw new ConfigurationException(problem(e, places.of(file)));
        }
    }

    /** The library's own finding, with its place in our words. */
    Problem problem(ConfigException e, String otherwise) {
        String place = e.origin() == null ? otherwise : places.of(e.origin());
        String message = String.valueOf(e.getMessage());
        String prefix = e.origin() == null ? "" : e.origin().description() + ": ";
        return new Problem(place, message.startsWith(prefix) ? message.substring(prefix.length()) : message, "");
    }

    /** The library skips an include of a missing file in silence. */
    private static final class StrictIncluder implements ConfigIncluder {
        @Override
        public ConfigIncluder withFallback(ConfigIncluder fallback) {
            return this;
        }

        @Override
        public ConfigObject include(ConfigIncludeContext context, String what) {
            ConfigParseable target = context.relativeTo(what);
            if (target == null) {
                throw new ConfigException.IO(
                        com.typesafe.config.ConfigOriginFactory.newSimple(what), "include of '" + what + "'");
            }
            return target.parse(context.parseOptions().setAllowMissing(false));
        }
    }
}
