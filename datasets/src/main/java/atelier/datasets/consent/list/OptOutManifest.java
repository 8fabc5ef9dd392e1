package atelier.datasets.consent.list;

import atelier.common.error.RefusedException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.zip.ZipException;

/**
 * An opt-out list as it is written by hand or saved from a registry, read in one pass and constant memory. By file name:
 *
 * <ul>
 *   <li>{@code .jsonl}, {@code .ndjson}: a manifest, one JSON object a line;
 *   <li>{@code .csv}, {@code .tsv}: a manifest with a header, aliases separated by {@code |};
 *   <li>{@code .json}: a saved Spawning reply, {@code {"urls": [{"url": ..., "optOut": true}]}}.
 * </ul>
 *
 * <p>Each may end in {@code .gz} besides. A list is read whole or not at all: a line that cannot be read stops the run,
 * because what it would have said is not known.
 */
public final class OptOutManifest {
    private final Path file;

    public OptOutManifest(Path file) {
        this.file = file;
    }

    /**
     * Hands every entry's keys to the sink.
     *
     * @throws RefusedException naming file and line when the list is missing, unreadable, empty or broken somewhere
     */
    public ListDigest read(KeySink sink) {
        if (Files.isDirectory(file)) {
            throw new RefusedException(file + " is a folder, not an opt-out list; name the lists in it one by one");
        }
        try (DigestedLines lines = new DigestedLines(file)) {
            long entries = read(lines, sink);
            if (lines.number() == 0 && entries == 0 && Files.size(file) == 0) {
                throw new RefusedException(
                        file + " is empty, as a download that failed would be; fetch it again or take it out");
            }
            return new ListDigest(file.toString(), lines.sha256(), entries);
        } catch (NoSuchFileException e) {
            throw new RefusedException(
                    file + " does not exist; restore the opt-out list, or take it out of optout.manifests", e);
        } catch (ZipException | java.io.EOFException e) {
            throw new RefusedException(file + " cannot be unpacked (" + e.getMessage() + "); fetch it again", e);
        } catch (CharacterCodingException e) {
            // Of the first bytes: further on, the reader of the lines knows which one it is.
            throw broken(file, 1, "the file is no text in the charset that it begins in", e);
        } catch (IOException e) {
            throw new RefusedException(file + " cannot be read (" + e.getMessage() + ")", e);
        }
    }

    private long read(DigestedLines lines, KeySink sink) throws IOException {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        String plain = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
        int dot = plain.lastIndexOf('.');
        return switch (dot < 0 ? "" : plain.substring(dot + 1)) {
            case "jsonl", "ndjson" -> new ManifestJson(file).read(lines, sink);
            case "csv" -> new ManifestCsv(file, ',').read(lines, sink);
            case "tsv" -> new ManifestCsv(file, '\t').read(lines, sink);
            case "json" -> new SpawningReply(file).read(lines, sink);
            default ->
                throw new RefusedException(file
                        + " is no opt-out list that is known by its name; lists end in .jsonl, .csv, .tsv, .json (a saved"
                        + " Spawning reply), each perhaps with .gz, or were made by optout build");
        };
    }

    static RefusedException broken(Path file, long line, String fact, Throwable cause) {
        return new RefusedException(
                file + " line " + line + ": " + fact + "; mend the line, nothing is trained on while a list is broken",
                cause);
    }
}
