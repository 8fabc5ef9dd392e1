package atelier.studio.check;

import atelier.cli.config.Composition;
import atelier.cli.config.ConfigurationException;
import atelier.cli.config.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The folders whose files a request may name. What lies outside and what is not there are answered alike, so that the
 * answer tells nobody which folders there are.
 */
public final class PathRoots {
    private static final Set<String> ELSEWHERE = Set.of("resume", "run.dir", "run");

    private final List<Path> roots;

    /** @param roots folders; those that are not there hold nothing */
    public PathRoots(List<Path> roots) {
        this.roots = List.copyOf(roots);
    }

    /** The folders, for people. */
    public List<Path> roots() {
        return roots;
    }

    /** Whether a path is there and, links followed, lies in one of the folders. */
    public boolean holds(Path path) {
        try {
            Path real = path.toRealPath();
            for (Path root : roots) {
                if (Files.exists(root) && real.startsWith(root.toRealPath())) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * One problem for every path that a request names and may not.
     *
     * @param settings the command's
     */
    List<Problem> problems(Composition composition, Class<? extends Record> settings) {
        List<Problem> problems = new ArrayList<>();
        // A key that takes another's value is not told of again.
        Set<Path> told = new HashSet<>();
        for (Map.Entry<String, List<Path>> key :
                composition.overriddenPaths(settings).entrySet()) {
            for (Path path : key.getValue()) {
                if (!ELSEWHERE.contains(key.getKey()) && !allows(key.getKey(), path) && told.add(path)) {
                    problems.add(new Problem(
                            key.getKey(),
                            "'" + path + "' is not in a folder that the studio may read, or does not exist",
                            "put it into one of them, or add its folder to studio.roots"));
                }
            }
        }
        return problems;
    }

    /** A cache is made where it is not there. */
    private boolean allows(String key, Path path) {
        if (!key.equals("train.cache_dir")) {
            return holds(path);
        }
        Path there = path.toAbsolutePath().normalize();
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        return there != null && holds(there);
    }

    /**
     * Checks all paths that a request names.
     *
     * @throws ConfigurationException naming each that it may not
     */
    void require(Composition composition, Class<? extends Record> settings) {
        List<Problem> problems = problems(composition, settings);
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
    }
}
