package atelier.datasets.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.datasets.pairs.Cases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The inputs that a fuzz test starts from, damaged with fixed seeds: what a build tries of what fuzzing tries for long. */
public final class Corpus {
    private Corpus() {}

    /** Checks {@code count} damaged inputs of a fuzz test's target; the inputs themselves are the fuzz test's to check. */
    public static void damage(Class<?> test, String target, int count, Cases.Property<byte[]> property)
            throws IOException {
        List<byte[]> inputs = inputs(test, target);
        assertThat(inputs)
                .as("inputs of " + test.getSimpleName() + "." + target)
                .isNotEmpty();
        Cases.check(
                1,
                count,
                random -> Mutation.of(inputs.get(random.nextInt(inputs.size())), random.nextLong()),
                property);
    }

    private static List<byte[]> inputs(Class<?> test, String target) throws IOException {
        Path folder = Path.of(
                "src/test/resources", test.getPackageName().replace('.', '/'), test.getSimpleName() + "Inputs", target);
        List<byte[]> inputs = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                inputs.add(Files.readAllBytes(file));
            }
        }
        return inputs;
    }
}
