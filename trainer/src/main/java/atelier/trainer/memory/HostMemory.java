package atelier.trainer.memory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The machine's memory as this process may use it: a container's limit counts where it is lower.
 *
 * @param totalBytes 0 where the system does not say
 * @param freeBytes what can be taken without pushing other programs out; 0 where the system does not say
 */
public record HostMemory(long totalBytes, long freeBytes) {
    private static final long KIB = 1024;

    /** This machine's. */
    public static HostMemory here() {
        return read(Path.of("/proc/meminfo"), Path.of("/sys/fs/cgroup"));
    }

    /**
     * Reads Linux's files.
     *
     * @param meminfo of the form of /proc/meminfo
     * @param group folder of a control group, with memory.max and memory.current
     */
    static HostMemory read(Path meminfo, Path group) {
        long total = 0;
        long free = 0;
        for (String line : lines(meminfo)) {
            if (line.startsWith("MemTotal:")) {
                total = number(line) * KIB;
            } else if (line.startsWith("MemAvailable:")) {
                free = number(line) * KIB;
            }
        }
        List<String> most = lines(group.resolve("memory.max"));
        List<String> current = lines(group.resolve("memory.current"));
        if (!most.isEmpty() && most.get(0).matches("\\d{1,18}") && !current.isEmpty()) {
            long limit = Long.parseLong(most.get(0));
            total = total == 0 ? limit : Math.min(total, limit);
            free = Math.min(free, Math.max(0, limit - number(current.get(0))));
        }
        return new HostMemory(total, free);
    }

    private static long number(String line) {
        String digits = line.replaceAll("\\D+", "");
        return digits.isEmpty() ? 0 : Long.parseLong(digits);
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            // Another system.
            return List.of();
        }
    }
}
