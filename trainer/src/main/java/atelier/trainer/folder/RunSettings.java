package atelier.trainer.folder;

import atelier.common.error.WrongCommandException;
import java.nio.file.Path;

/**
 * The group {@code run} of the configuration.
 *
 * @param name the run's name and its folder's
 * @param dir the folder that runs go to
 */
public record RunSettings(String name, Path dir) {
    public RunSettings {
        if (!name.matches("[\\p{L}\\p{N}][\\p{L}\\p{N}=._ -]*")) {
            throw new WrongCommandException("run.name must begin with a letter or digit and hold only letters,"
                    + " digits, dots, dashes, underscores, equals signs and spaces, got '" + name + "'");
        }
    }

    /** The run's own folder. */
    public Path folder() {
        return dir.resolve(name);
    }
}
