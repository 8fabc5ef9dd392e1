package atelier.cli.command;

import atelier.cli.sweep.SweptRun;
import java.io.IOException;
import java.util.List;

/**
 * One command. Its settings are composed from {@code configs/NAME.conf} (a space is an underscore there) and bound to
 * one record before it runs, so that nothing starts on settings that are wrong.
 */
public interface Command {
    /** One word or two: {@code train}, {@code dataset check}. */
    String name();

    /** What it does, in one line. */
    String summary();

    /** The record that holds every key of the command's settings. */
    Class<? extends Record> settings();

    /** The command's own file in {@code configs/}, without its ending. */
    default String configuration() {
        return name().replace(' ', '_');
    }

    /** The key that a word without = sets, as in {@code inspect FILE}; empty where every word must be key=value. */
    default String bareWordKey() {
        return "";
    }

    /** Whether all words that set no key make up the list {@link #bareWordKey}, whatever signs they hold. */
    default boolean takesSeveralWords() {
        return false;
    }

    /** The key of the folder that each run of a sweep needs for itself; empty where runs have names or leave no files. */
    default String folderKey() {
        return "";
    }

    /**
     * Called once all runs of a sweep have ended well.
     *
     * @param runs in the sweep's order
     * @param last the last run's
     */
    default void afterSweep(List<SweptRun> runs, Invocation last) throws IOException {}

    /**
     * Does the work. An exception that {@code Failure} knows is shown as one clear line; any other counts as a fault of
     * our own.
     */
    ExitStatus run(Invocation invocation) throws Exception;
}
