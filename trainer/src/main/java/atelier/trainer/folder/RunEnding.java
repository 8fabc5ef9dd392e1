package atelier.trainer.folder;

import atelier.common.error.RefusedException;
import atelier.common.error.WrongCommandException;
import atelier.common.file.AtomicFile;
import atelier.common.work.StopSignal;
import atelier.common.work.StoppedException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Locale;
import java.util.Optional;

/**
 * How a run ended, as its folder says it to whoever looks later.
 *
 * @param kind what became of it
 * @param message the error's; empty where it is done
 */
public record RunEnding(Kind kind, String message) {
    /** What became of a run. */
    public enum Kind {
        /** All was written. */
        DONE,
        /** Asked to stop; the state was saved. */
        STOPPED,
        /** Consent, licence or the audit forbids it. */
        REFUSED,
        /** It could not go on. */
        FAILED
    }

    /** Work that may end in any way. */
    @FunctionalInterface
    public interface Work<E extends Exception> {
        void run() throws IOException, InterruptedException, E;
    }

    /** A run begins or goes on: it has not ended. */
    public static void forget(RunFolder folder) throws IOException {
        Files.deleteIfExists(folder.ending());
    }

    /**
     * Does a run's work and writes down how it ended; what it throws is thrown on. A wrong command touches nothing: it says
     * nothing of the run.
     */
    public static <E extends Exception> void during(RunFolder folder, Work<E> work)
            throws IOException, InterruptedException, E {
        try {
            work.run();
        } catch (WrongCommandException e) {
            throw e;
        } catch (Exception | Error e) {
            tell(folder, e);
            throw e;
        }
        AtomicFile.write(folder.ending(), new RunEnding(Kind.DONE, "").text());
    }

    private static void tell(RunFolder folder, Throwable thrown) {
        String message = thrown.getMessage() == null ? thrown.toString() : thrown.getMessage();
        try {
            if (Files.isDirectory(folder.path())) {
                // Not as other files, whose writing ends with a signal: this one says that there was one.
                Files.writeString(folder.ending(), new RunEnding(kind(thrown), message).text());
            }
        } catch (IOException e) {
            thrown.addSuppressed(e);
        }
    }

    private static Kind kind(Throwable thrown) {
        if (thrown instanceof InterruptedRunException || thrown instanceof StoppedException || StopSignal.isHeard()) {
            return Kind.STOPPED;
        }
        return thrown instanceof RefusedException ? Kind.REFUSED : Kind.FAILED;
    }

    private String text() {
        return kind.name().toLowerCase(Locale.ROOT) + "\n" + (message.isEmpty() ? "" : message + "\n");
    }

    /** How a run ended; empty where it says nothing. */
    public static Optional<RunEnding> of(RunFolder folder) throws IOException {
        if (!Files.exists(folder.ending())) {
            return Optional.empty();
        }
        String text = Files.readString(folder.ending());
        int line = text.indexOf('\n');
        String word = line < 0 ? text : text.substring(0, line);
        for (Kind kind : Kind.values()) {
            if (kind.name().equalsIgnoreCase(word)) {
                return Optional.of(new RunEnding(
                        kind, line < 0 ? "" : text.substring(line + 1).strip()));
            }
        }
        return Optional.empty();
    }
}
