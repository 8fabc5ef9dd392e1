package atelier.common.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who writes a folder, by the note in its {@link FolderLock}. Looking takes no lock, so it is in nobody's way.
 *
 * @param who the command, such as train
 * @param process its number
 * @param host the machine that it runs on
 * @param since in this machine's time
 * @param here whether the machine is this one
 */
public record LockHolder(String who, long process, String host, LocalDateTime since, boolean here) {
    private static final Pattern NOTE =
            Pattern.compile("(.+) \\(process (\\d{1,18}) on (.*)\\) since (\\d{4}-\\d\\d-\\d\\d) ([\\d:]+)");
    /** How far clocks may be apart: a process that has got the number of one that was killed began after it. */
    private static final Duration TOLERANCE = Duration.ofMinutes(1);

    /**
     * The writer that lives; one on another machine is believed to.
     *
     * @return empty where nobody writes, and where the process of the note has been killed
     */
    public static Optional<LockHolder> of(Path folder) {
        Path file = folder.resolve(FolderLock.NAME);
        String note;
        try {
            if (Files.size(file) == 0) {
                return Optional.empty();
            }
            note = Files.readString(file).strip();
        } catch (IOException e) {
            return Optional.empty();
        }
        Matcher parts = NOTE.matcher(note);
        if (!parts.matches()) {
            return Optional.empty();
        }
        try {
            LocalDateTime since = LocalDateTime.of(LocalDate.parse(parts.group(4)), LocalTime.parse(parts.group(5)));
            String host = parts.group(3);
            boolean here = host.equals(FolderLock.host());
            LockHolder holder = new LockHolder(parts.group(1), Long.parseLong(parts.group(2)), host, since, here);
            return !here || holder.lives() ? Optional.of(holder) : Optional.empty();
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    private boolean lives() {
        Instant latest = since.atZone(ZoneId.systemDefault()).toInstant().plus(TOLERANCE);
        return ProcessHandle.of(process)
                .filter(ProcessHandle::isAlive)
                .flatMap(each -> each.info().startInstant().or(() -> Optional.of(Instant.MIN)))
                .filter(start -> start.isBefore(latest))
                .isPresent();
    }
}
