package atelier.diffusion.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NvidiaDriverTest {
    @TempDir
    Path proc;

    @Test
    void nvidiaSmiNamesVersionAndCards() {
        assertThat(NvidiaDriver.find(proc, () -> "550.54.14, NVIDIA A10G\n550.54.14, NVIDIA L4\n"))
                .contains(new NvidiaDriver("550.54.14", List.of("NVIDIA A10G", "NVIDIA L4")));
    }

    @Test
    void theKernelModuleIsAskedWhereNvidiaSmiDoesNotAnswer() throws IOException {
        Path card = Files.createDirectories(proc.resolve("driver/nvidia/gpus/0000:01:00.0"));
        Files.writeString(card.resolve("information"), "Model: \t\t NVIDIA GeForce RTX 3060\nIRQ: 1\n");
        Files.writeString(
                proc.resolve("driver/nvidia/version"),
                "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12\nGCC version: 12.2.0\n");
        assertThat(NvidiaDriver.find(proc, () -> ""))
                .contains(new NvidiaDriver("535.183.01", List.of("NVIDIA GeForce RTX 3060")));
    }

    @Test
    void aMachineWithoutACardHasNone() throws IOException {
        assertThat(NvidiaDriver.find(proc, () -> "")).isEmpty();
        Files.createDirectories(proc.resolve("driver/nvidia/gpus"));
        assertThat(NvidiaDriver.find(proc, () -> "")).isEmpty();
    }
}
