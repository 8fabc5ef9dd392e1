package atelier.diffusion.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import atelier.diffusion.cuda.Gpu;
import atelier.diffusion.cuda.GpuSearch;
import atelier.diffusion.cuda.NvidiaDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DevicesTest {
    private static final Optional<NvidiaDriver> DRIVER =
            Optional.of(new NvidiaDriver("550.54.14", List.of("NVIDIA A10G")));
    private static final GpuSearch TWO = new GpuSearch(List.of(gpu(0, 8, 6), gpu(1, 8, 6)), "", "", DRIVER, 12060);

    private final List<String> warnings = new ArrayList<>();

    private static Gpu gpu(int index, int major, int minor) {
        return new Gpu(index, "NVIDIA A10G", major, minor, 1, 1);
    }

    private static GpuSearch none(Optional<NvidiaDriver> driver) {
        return new GpuSearch(List.of(), "libcuda.so.1: cannot open", "install the driver", driver, 12060);
    }

    private Device of(String name, GpuSearch search) {
        return Devices.of(name, () -> search, warnings::add);
    }

    @Test
    void aGpuIsTakenByNumberAndTheFirstWithoutOne() {
        assertThat(of("auto", TWO)).isEqualTo(Device.gpu(0));
        assertThat(of("cuda", TWO)).isEqualTo(Device.gpu(0));
        assertThat(of("cuda:1", TWO)).isEqualTo(Device.gpu(1));
        assertThat(warnings).isEmpty();
        assertThatThrownBy(() -> of("cuda:2", TWO))
                .hasMessage("device=cuda:2 asks for GPU 2, and there are 2, cuda:0 to cuda:1");
    }

    @Test
    void theCpuIsTakenWithoutLookingForGpus() {
        assertThat(Devices.of(
                        "cpu",
                        () -> {
                            throw new AssertionError("looked");
                        },
                        warnings::add))
                .isEqualTo(Device.cpu());
    }

    @Test
    void autoSaysAloudWhyItTakesTheCpuBesideACard() {
        assertThat(of("auto", none(DRIVER))).isEqualTo(Device.cpu());
        assertThat(warnings)
                .containsExactly("device=auto takes the CPU although this machine has NVIDIA A10G: libcuda.so.1: cannot"
                        + " open; install the driver. device=cpu says the same without this warning");
    }

    @Test
    void autoIsQuietWhereThereIsNoCard() {
        assertThat(of("auto", none(Optional.empty()))).isEqualTo(Device.cpu());
        assertThat(warnings).isEmpty();
    }

    @Test
    void cudaWithoutAGpuIsOneErrorWithCauseAndRemedy() {
        assertThatThrownBy(() -> of("cuda", none(DRIVER)))
                .hasMessage("device=cuda finds no GPU: libcuda.so.1: cannot open; install the driver");
    }

    @Test
    void aCardWithoutKernelsIsNotTaken() {
        GpuSearch newer = new GpuSearch(List.of(gpu(0, 12, 0)), "", "", DRIVER, 12060);
        assertThat(of("auto", newer)).isEqualTo(Device.cpu());
        assertThat(warnings.get(0)).contains("although this machine has NVIDIA A10G", "cu128");
        assertThatThrownBy(() -> of("cuda", newer))
                .hasMessageContaining("compute capability 12.0")
                .hasMessageContaining("cu128");
    }

    @Test
    void anotherNameIsRefused() {
        assertThatThrownBy(() -> of("gpu", TWO)).hasMessage("device must be auto, cpu, cuda or cuda:N, got 'gpu'");
    }
}
