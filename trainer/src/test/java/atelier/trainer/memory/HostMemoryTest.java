package atelier.trainer.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostMemoryTest {
    private static final long GIB = 1L << 30;

    @TempDir
    Path folder;

    private HostMemory read() throws IOException {
        Path info = Files.writeString(folder.resolve("meminfo"), """
                MemTotal:       16777216 kB
                MemFree:         1048576 kB
                MemAvailable:    8388608 kB
                """);
        return HostMemory.read(info, folder);
    }

    @Test
    void whatOtherProgramsCannotUseIsFree() throws IOException {
        assertThat(read()).isEqualTo(new HostMemory(16 * GIB, 8 * GIB));
        assertThat(HostMemory.read(folder.resolve("none"), folder)).isEqualTo(new HostMemory(0, 0));
    }

    @Test
    void aContainersLimitCounts() throws IOException {
        Files.writeString(folder.resolve("memory.max"), 4 * GIB + "\n");
        Files.writeString(folder.resolve("memory.current"), GIB + "\n");
        assertThat(read()).isEqualTo(new HostMemory(4 * GIB, 3 * GIB));
        Files.writeString(folder.resolve("memory.max"), "max\n");
        assertThat(read()).isEqualTo(new HostMemory(16 * GIB, 8 * GIB));
    }
}
