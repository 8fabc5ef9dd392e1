package atelier.diffusion.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.diffusion.cuda.CudaRuntime.Count;
import atelier.diffusion.cuda.GpuSearch.Evidence;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GpuSearchTest {
    private static final NvidiaDriver DRIVER = new NvidiaDriver("550.54.14", List.of("NVIDIA A10G"));
    private static final String NO_LIBRARY = "libcuda.so.1: cannot open shared object file: No such file or directory";

    private static GpuSearch without(Evidence evidence) {
        return GpuSearch.of(List.of(), evidence, Optional.of(DRIVER), 12060);
    }

    private static Gpu gpu(int major, int minor) {
        return new Gpu(0, "card", major, minor, 1, 1);
    }

    @Test
    void librariesOfTheCpuAreTheFirstReason() {
        GpuSearch jar = without(new Evidence(false, true, null, null, null));
        assertThat(jar.cause()).contains("pytorch-native-cpu");
        assertThat(jar.remedy()).isEqualTo("run scripts/atelier setup cuda");
        GpuSearch build = without(new Evidence(false, false, null, null, null));
        assertThat(build.cause()).isEqualTo("the PyTorch that was loaded is a CPU build");
        GpuSearch noCard = GpuSearch.of(List.of(), new Evidence(false, true, null, null, null), Optional.empty(), 0);
        assertThat(noCard.remedy())
                .startsWith("on a machine with an NVIDIA card")
                .endsWith("or take device=cpu");
    }

    @Test
    void aMissingDriverIsToldInTheLoadersWords() {
        GpuSearch search = without(new Evidence(true, false, new Count(0, 35, "insufficient"), NO_LIBRARY, null));
        assertThat(search.cause()).isEqualTo(NO_LIBRARY);
        assertThat(search.remedy()).contains("driver", "--gpus all", "ATELIER_PROFILE=cpu");
    }

    @Test
    void anOldDriverIsToBeUpdated() {
        GpuSearch search = without(new Evidence(
                true,
                false,
                new Count(0, 35, "CUDA driver version is insufficient for CUDA runtime version"),
                null,
                null));
        assertThat(search.cause())
                .isEqualTo("the CUDA runtime says: CUDA driver version is insufficient for CUDA runtime version (35)");
        assertThat(search.remedy()).contains("525");
    }

    @Test
    void hiddenCardsAreNotADriversFault() {
        for (String hidden : List.of("", "-1")) {
            GpuSearch search =
                    without(new Evidence(true, false, new Count(0, 100, "no CUDA-capable device"), null, hidden));
            assertThat(search.cause()).isEqualTo("CUDA_VISIBLE_DEVICES='" + hidden + "' hides every card");
        }
    }

    @Test
    void kernelsOfABuildReachFromOneCapabilityToAnother() {
        GpuSearch pypi =
                GpuSearch.of(List.of(gpu(8, 9)), new Evidence(true, false, null, null, null), Optional.empty(), 12060);
        assertThat(pypi.noKernelsFor(gpu(5, 2))).isEmpty();
        assertThat(pypi.noKernelsFor(gpu(9, 0))).isEmpty();
        assertThat(pypi.noKernelsFor(gpu(12, 0)).orElseThrow()).contains("CUDA 12.6", "9.0", "cu128", "ATELIER_TORCH");
        assertThat(pypi.noKernelsFor(gpu(3, 7)).orElseThrow()).contains("device=cpu");
        GpuSearch newer = new GpuSearch(List.of(), "", "", Optional.empty(), 12080);
        assertThat(newer.noKernelsFor(gpu(12, 0))).isEmpty();
        assertThat(newer.noKernelsFor(gpu(6, 1)).orElseThrow()).contains("CUDA 12.8", "7.5", "PyPI");
    }
}
