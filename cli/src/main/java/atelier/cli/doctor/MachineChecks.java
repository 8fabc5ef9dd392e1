package atelier.cli.doctor;

import atelier.diffusion.tensor.Processor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Looks at the machine: Java, processor, memory, disk, and the allocator's settings. */
public final class MachineChecks {
    private static final long GIB = 1L << 30;
    /** What the bundled demonstration needs at its peak, about. */
    private static final long LEAST_MEMORY = 2 * GIB;

    private static final long LEAST_DISK = 2 * GIB;

    private final Path proc;
    private final Map<String, String> environment;

    /**
     * @param proc the kernel's folder, {@code /proc}
     * @param environment the process's variables
     */
    public MachineChecks(Path proc, Map<String, String> environment) {
        this.proc = proc;
        this.environment = environment;
    }

    public List<Check> all(Path root) {
        return List.of(java(), processor(), threads(), allocator(), memory(), disk(root));
    }

    Check java() {
        Runtime.Version version = Runtime.version();
        String fact = version + ", " + System.getProperty("java.vm.name");
        return version.feature() >= 17
                ? Check.good("Java", fact)
                : Check.bad("Java", fact, "install Java 17 or newer, and set JAVA_HOME");
    }

    Check processor() {
        Processor processor = Processor.read(proc.resolve("cpuinfo"));
        if (processor.features().isEmpty()) {
            return Check.weak("Processor", "features unknown", "none needed; model.dtype=fp32 is safe");
        }
        List<String> known = new ArrayList<>(List.of("avx2", "avx512f", "avx512_bf16", "amx_bf16"));
        known.retainAll(processor.features());
        String fact = known.isEmpty() ? "no AVX2" : String.join(", ", known);
        if (processor.multipliesBf16()) {
            return Check.good("Processor", fact + ": bf16 runs fast");
        }
        return Check.weak("Processor", fact + ": no bf16 arithmetic", "on the CPU keep model.dtype=fp32");
    }

    Check threads() {
        int processors = Runtime.getRuntime().availableProcessors();
        String asked = environment.get("OMP_NUM_THREADS");
        String fact = processors + " processors" + (asked == null ? "" : ", OMP_NUM_THREADS=" + asked);
        if (asked != null && asked.matches("\\d+") && Integer.parseInt(asked) > processors) {
            return Check.weak("Threads", fact, "set OMP_NUM_THREADS to at most " + processors);
        }
        return Check.good("Threads", fact);
    }

    Check allocator() {
        List<String> names = List.of("MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_", "MALLOC_TOP_PAD_");
        List<String> missing =
                names.stream().filter(name -> !environment.containsKey(name)).toList();
        return missing.isEmpty()
                ? Check.good("Allocator", "keeps freed memory, as the launcher sets it")
                : Check.weak(
                        "Allocator",
                        String.join(", ", missing) + " not set: page faults slow small kernels",
                        "start by scripts/atelier, which sets them");
    }

    Check memory() {
        for (String line : lines(proc.resolve("meminfo"))) {
            if (line.startsWith("MemAvailable:")) {
                long bytes = Long.parseLong(line.replaceAll("\\D+", "")) * 1024;
                String fact = gib(bytes) + " available";
                return bytes >= LEAST_MEMORY
                        ? Check.good("Memory", fact)
                        : Check.weak("Memory", fact, "close other programs: the demonstration needs about 2 GiB");
            }
        }
        return Check.weak("Memory", "unknown", "the demonstration needs about 2 GiB");
    }

    Check disk(Path root) {
        try {
            long bytes = Files.getFileStore(root).getUsableSpace();
            String fact = gib(bytes) + " free at " + root;
            return bytes >= LEAST_DISK
                    ? Check.good("Disk", fact)
                    : Check.weak("Disk", fact, "free some space, or set run.dir to another disk");
        } catch (IOException e) {
            return Check.weak("Disk", "unknown: " + e.getMessage(), "check that " + root + " is there");
        }
    }

    private static String gib(long bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", (double) bytes / GIB);
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }
}
