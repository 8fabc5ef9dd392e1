package atelier.cli.command;

import atelier.cli.config.Composition;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a command runs on.
 *
 * @param root the repository's root: {@code configs/}, {@code checkpoints/} and {@code datasets/} lie in it
 * @param composition the settings
 * @param out where results go
 * @param err where progress and messages go
 * @param terminal whether {@code err} is a terminal
 * @param figures what {@link #report} was told
 * @param files what {@link #wrote} was told
 */
public record Invocation(
        Path root,
        Composition composition,
        PrintStream out,
        PrintStream err,
        boolean terminal,
        Map<String, Double> figures,
        List<Path> files) {

    public Invocation(Path root, Composition composition, PrintStream out, PrintStream err, boolean terminal) {
        this(root, composition, out, err, terminal, new LinkedHashMap<>(), new ArrayList<>());
    }

    /** The same with other settings. */
    public Invocation with(Composition other) {
        return new Invocation(root, other, out, err, terminal, figures, files);
    }

    /**
     * The settings as a record.
     *
     * @throws atelier.cli.config.ConfigurationException with everything that is wrong with them
     */
    public <T extends Record> T settings(Class<T> type) {
        return composition.bind(type);
    }

    /** Notes a figure of the result. A sweep's table ranks its runs by the first one noted, least first. */
    public void report(String name, double figure) {
        figures.put(name, figure);
    }

    @Override
    public Map<String, Double> figures() {
        return Collections.unmodifiableMap(figures);
    }

    /** Notes a file of the result, for what a sweep makes of all its runs'. */
    public void wrote(Path file) {
        files.add(file);
    }

    @Override
    public List<Path> files() {
        return Collections.unmodifiableList(files);
    }
}
