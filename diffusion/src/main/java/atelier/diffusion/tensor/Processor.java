package atelier.diffusion.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * What the processor can do, as Linux names it in /proc/cpuinfo.
 *
 * @param features such as avx2, avx512_bf16 and amx_bf16; empty where the system does not say
 */
public record Processor(Set<String> features) {
    private static final Processor HERE = read(Path.of("/proc/cpuinfo"));

    public Processor {
        features = Set.copyOf(features);
    }

    /** This machine's. */
    public static Processor here() {
        return HERE;
    }

    /** @param cpuinfo a file of that form */
    public static Processor read(Path cpuinfo) {
        try {
            for (String line : Files.readAllLines(cpuinfo)) {
                if (line.startsWith("flags")) {
                    return new Processor(
                            Set.of(line.substring(line.indexOf(':') + 1).strip().split(" ")));
                }
            }
        } catch (IOException e) {
            // Another system.
        }
        return new Processor(Set.of());
    }

    /** Whether it multiplies in bf16; where it does not, bf16 is slower than fp32. */
    public boolean multipliesBf16() {
        return features.contains("avx512_bf16") || hasTiles();
    }

    /** Whether it multiplies tiles of bf16 (AMX), many times faster than it takes exponentials. */
    public boolean hasTiles() {
        return features.contains("amx_bf16");
    }
}
