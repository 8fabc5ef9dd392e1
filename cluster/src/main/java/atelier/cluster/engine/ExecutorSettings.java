package atelier.cluster.engine;

import atelier.cli.command.Invocation;
import atelier.cli.config.Composer;
import atelier.cli.config.ConfigFolder;
import java.io.Serializable;
import java.nio.file.Path;

/**
 * A command's settings on their way to executors: the composed text, of which each executor makes the same record. So no
 * record needs to be serialisable. Paths that were typed relative to the user's folder are absolute in it.
 *
 * @param root the repository's root, the same path on all machines
 * @param text the settings as HOCON
 */
public record ExecutorSettings(String root, String text) implements Serializable {
    /** The settings of a command, whose record is {@code type}. */
    public static ExecutorSettings of(Invocation invocation, Class<? extends Record> type) {
        return new ExecutorSettings(
                invocation.root().toAbsolutePath().normalize().toString(),
                invocation.composition().portable(type));
    }

    /**
     * The record, as the command itself has it.
     *
     * @throws atelier.cli.config.ConfigurationException if this machine's Atelier has other keys than the command's
     */
    public <T extends Record> T bind(Class<T> type) {
        return new Composer(new ConfigFolder(Path.of(root)))
                .composed(text, "the command's settings")
                .bind(type);
    }
}
