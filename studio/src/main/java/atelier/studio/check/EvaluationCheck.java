package atelier.studio.check;

import atelier.cli.command.EvaluateCommand;
import atelier.cli.config.Composer;
import atelier.cli.config.Composition;
import atelier.cli.config.ConfigFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Composes and binds an evaluation's settings as {@code evaluate} would, and starts nothing. */
public final class EvaluationCheck {
    private final EvaluateCommand command = new EvaluateCommand();
    private final Composer composer;
    private final Set<String> groups;
    private final PathRoots roots;

    /** @param root the folder that holds {@code configs/} */
    public EvaluationCheck(Path root, PathRoots roots) {
        ConfigFolder folder = new ConfigFolder(root);
        this.composer = new Composer(folder);
        this.groups = Set.copyOf(folder.groups());
        this.roots = roots;
    }

    /** The groups' names. */
    public Set<String> groups() {
        return groups;
    }

    /**
     * Refuses what cannot be started, before it is.
     *
     * @throws atelier.cli.config.ConfigurationException with everything that is wrong
     */
    public void require(List<String> changes) {
        Composition composition = composer.compose(command.configuration(), changes);
        roots.require(composition, command.settings());
        composition.bind(command.settings());
    }
}
