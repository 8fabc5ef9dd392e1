package atelier.cli.sweep;

import java.nio.file.Path;
import java.util.List;

/**
 * A run of a sweep that is over.
 *
 * @param label the swept words: {@code sampler=ddim,steps=10}
 * @param files that it left, as it told {@code Invocation.wrote}
 */
public record SweptRun(String label, List<Path> files) {
    public SweptRun {
        files = List.copyOf(files);
    }
}
