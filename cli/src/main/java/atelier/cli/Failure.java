package atelier.cli;

import atelier.cli.command.ExitStatus;
import atelier.common.error.RefusedException;
import atelier.common.error.WorkFailedException;
import atelier.common.error.WrongCommandException;
import atelier.common.work.DiskSpace;
import atelier.common.work.StopSignal;
import atelier.datasets.pairs.FindingException;
import atelier.diffusion.cuda.EngineFault;
import atelier.trainer.folder.InterruptedRunException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong, as the user sees it and as the shell does. This is the one place that knows which exceptions mean
 * what: the kinds of {@link atelier.common.error.UserException} and what the file system and the engine say are shown by
 * their message; all others are faults of our own, whose stack trace goes to a file.
 *
 * @param status the exit status
 * @param message the lines to show
 * @param expected whether the message says all that a user needs
 */
record Failure(ExitStatus status, String message, boolean expected) {

    static Failure of(Throwable thrown) {
        // Whatever else failed then failed because work was left.
        if (StopSignal.isHeard() && !(thrown instanceof InterruptedRunException)) {
            return new Failure(ExitStatus.INTERRUPTED, "interrupted", true);
        } else if (thrown instanceof WrongCommandException) {
            return new Failure(ExitStatus.WRONG, message(thrown), true);
        } else if (thrown instanceof RefusedException) {
            return new Failure(ExitStatus.REFUSED, "refused: " + message(thrown), true);
        } else if (thrown instanceof InterruptedException) {
            return new Failure(ExitStatus.INTERRUPTED, "interrupted", true);
        } else if (thrown instanceof InterruptedRunException) {
            return new Failure(ExitStatus.INTERRUPTED, message(thrown), true);
        } else if (thrown instanceof UncheckedIOException unchecked) {
            IOException cause = Objects.requireNonNull(unchecked.getCause());
            // The wrapper's own words, where it has any, name the file.
            return message(thrown).equals(cause.toString())
                    ? of(cause)
                    : new Failure(ExitStatus.FAILED, message(thrown) + remedy(cause), true);
        } else if (thrown instanceof FindingException data && data.finding().image() == null) {
            // A table or folder of pairs that a key names; what is wrong with one picture shows in the work.
            return new Failure(ExitStatus.WRONG, message(thrown), true);
        } else if (thrown instanceof WorkFailedException || thrown instanceof FindingException) {
            return new Failure(ExitStatus.FAILED, message(thrown), true);
        } else if (thrown instanceof FileSystemException file) {
            return new Failure(ExitStatus.FAILED, file(file) + remedy(file), true);
        } else if (thrown instanceof ReadOnlyFileSystemException) {
            return new Failure(ExitStatus.FAILED, "the file system is read-only; choose another folder", true);
        } else if (thrown instanceof IOException) {
            return new Failure(ExitStatus.FAILED, message(thrown) + remedy(thrown), true);
        } else if (EngineFault.isOutOfMemory(thrown)) {
            return new Failure(
                    ExitStatus.FAILED,
                    "out of memory (" + message(thrown).lines().findFirst().orElse("") + "); " + MEMORY,
                    true);
        }
        Optional<EngineFault> engine = EngineFault.of(thrown);
        if (engine.isPresent()) {
            return new Failure(ExitStatus.FAILED, engine.get().message(), true);
        }
        return new Failure(ExitStatus.FAILED, thrown.toString(), false);
    }

    private static final String MEMORY = "take smaller batches or pictures; `scripts/atelier doctor` says what is free";

    private static String message(Throwable thrown) {
        return thrown.getMessage() == null ? thrown.toString() : thrown.getMessage();
    }

    private static String file(FileSystemException e) {
        if (e instanceof NoSuchFileException) {
            return e.getFile() + ": does not exist";
        } else if (e instanceof AccessDeniedException) {
            return e.getFile() + ": permission denied";
        } else if (e instanceof NotDirectoryException) {
            return e.getFile() + ": is not a folder";
        } else if (e instanceof FileAlreadyExistsException) {
            return e.getFile() + ": is there already";
        }
        return message(e);
    }

    private static String remedy(Throwable thrown) {
        String words = message(thrown).toLowerCase(Locale.ROOT);
        if (DiskSpace.isFull(thrown) || words.contains("quota")) {
            return "; the disk is full: free some space, or set run.dir to another disk";
        } else if (words.contains("read-only")) {
            return "; choose a folder that can be written";
        } else if (thrown instanceof NoSuchFileException) {
            return "; check the key that names it (--cfg prints them all)";
        } else if (thrown instanceof AccessDeniedException) {
            return "; check who may read and write it";
        }
        return "";
    }

    /** Shows the message; the stack trace too with {@code --debug}, or in a file where the fault is ours. */
    void show(Throwable thrown, boolean debug, PrintStream err) {
        if (expected) {
            message.lines().forEach(line -> err.println("error: " + line));
        } else {
            err.println("error: a fault in Atelier itself: " + message);
            Path trace = writeTrace(thrown);
            err.println(
                    trace == null
                            ? "error: run it again with --debug for the stack trace"
                            : "error: the stack trace is in " + trace + "; please report it with the command");
        }
        if (debug) {
            thrown.printStackTrace(err);
        }
    }

    private static @Nullable Path writeTrace(Throwable thrown) {
        StringWriter trace = new StringWriter();
        thrown.printStackTrace(new PrintWriter(trace, true));
        try {
            return Files.writeString(Files.createTempFile("atelier-fault-", ".txt"), trace.toString());
        } catch (IOException e) {
            return null;
        }
    }
}
