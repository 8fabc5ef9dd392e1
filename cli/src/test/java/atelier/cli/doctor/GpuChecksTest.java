package atelier.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.diffusion.cuda.Gpu;
import atelier.diffusion.cuda.GpuSearch;
import atelier.diffusion.cuda.NvidiaDriver;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GpuChecksTest {
    private static final Optional<NvidiaDriver> DRIVER =
            Optional.of(new NvidiaDriver("550.54.14", List.of("NVIDIA A10G")));

    private static List<Check> of(Gpu... gpus) {
        return GpuChecks.all(new GpuSearch(List.of(gpus), "", "", DRIVER, 12060));
    }

    private static Gpu card(int index, String name, int major, int minor) {
        return new Gpu(index, name, major, minor, 24L << 30, 23L << 30);
    }

    @Test
    void driverAndCardsAreALineEach() {
        assertThat(of(card(0, "NVIDIA A10G", 8, 6), card(1, "NVIDIA L4", 8, 9)))
                .containsExactly(
                        Check.good("Driver", "NVIDIA 550.54.14: NVIDIA A10G"),
                        Check.good("cuda:0", "NVIDIA A10G, compute capability 8.6, 24.0 GiB, 23.0 GiB free"),
                        Check.good("cuda:1", "NVIDIA L4, compute capability 8.9, 24.0 GiB, 23.0 GiB free"));
    }

    @Test
    void anOlderCardIsWarnedOfBf16() {
        List<Check> checks = of(card(0, "Tesla T4", 7, 5));
        assertThat(checks.get(2))
                .isEqualTo(Check.weak(
                        "cuda:0",
                        "compute capability 7.5 emulates bf16, which begins at 8.0",
                        "take model.dtype=fp16"));
    }

    @Test
    void aCardNewerThanTheKernelsIsBad() {
        Check check = of(card(0, "NVIDIA GeForce RTX 5090", 12, 0)).get(2);
        assertThat(check.state()).isEqualTo(Check.State.BAD);
        assertThat(check.fact()).contains("no kernels", "CUDA 12.6", "9.0");
        assertThat(check.remedy()).contains("cu128", "ATELIER_TORCH");
    }

    @Test
    void aCardThatPyTorchDoesNotSeeHasACause() {
        List<Check> checks =
                GpuChecks.all(new GpuSearch(List.of(), "libcuda.so.1: cannot open", "install", DRIVER, 12060));
        assertThat(checks.get(1))
                .isEqualTo(Check.weak("GPU", "none that PyTorch can use: libcuda.so.1: cannot open", "install"));
        assertThat(GpuChecks.all(new GpuSearch(List.of(), "a CPU build", "set up", Optional.empty(), 0)))
                .containsExactly(Check.good("GPU", "none; device=auto takes the CPU"));
    }

    @Test
    void theLibrariesAreNamedWithTheRuleThatChoseThem() {
        Map<String, String> chosen = Map.of(
                "PYTORCH_LIBRARY_PATH",
                "/v/torch/lib",
                "PYTORCH_VERSION",
                "2.7.1",
                "PYTORCH_FLAVOR",
                "cu128",
                "ATELIER_TORCH_RULE",
                "ATELIER_TORCH");
        assertThat(EngineChecks.natives(chosen, null))
                .isEqualTo(Check.good("Natives", "PYTORCH_LIBRARY_PATH=/v/torch/lib (ATELIER_TORCH)"));
        assertThat(EngineChecks.natives(Map.of(), "pytorch-native-cpu-2.7.1.jar")
                        .state())
                .isEqualTo(Check.State.GOOD);
        assertThat(EngineChecks.natives(Map.of(), null).remedy()).contains("scripts/atelier setup cuda");
    }

    @Test
    void whatDoesNotLoadIsToldByItsCause() {
        Check check = EngineChecks.broken(new IllegalStateException(new UnsatisfiedLinkError(
                "/t/lib/libcaffe2_nvrtc.so: libcuda.so.1: cannot open shared object file: No such"
                        + " file or directory")));
        assertThat(check.fact()).startsWith("does not load: libcuda.so.1: cannot open shared object file");
        assertThat(check.remedy()).contains("driver");
    }
}
