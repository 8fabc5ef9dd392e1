package atelier.diffusion.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class MappingsTest {
    private static final String WHERE = "7f1c00000000-7f1c00200000 r-xp 00000000 08:01 1234    ";

    @Test
    void theRuntimeIsFoundByNameWhateverItsFolderOrHash() {
        assertThat(new Mappings(List.of(
                                "55d0-55d1 rw-p 00000000 00:00 0",
                                "7ffd-7ffe r-xp 00000000 00:00 0    [vdso]",
                                WHERE + "/my files/torch/lib/libtorch_cpu.so",
                                WHERE + "/my files/torch/lib/libtorch_cuda.so",
                                WHERE + "/my files/nvidia/cuda_runtime/lib/libcudart.so.12"))
                        .runtime())
                .contains(Path.of("/my files/nvidia/cuda_runtime/lib/libcudart.so.12"));
        assertThat(new Mappings(List.of(WHERE + "/cache/libcudart-218eec4c.so.12")).runtime())
                .isPresent();
        assertThat(new Mappings(List.of(WHERE + "/cache/libcudart_static.so")).runtime())
                .isEmpty();
    }

    @Test
    void aCpuBuildOfTorchIsToldFromACudaBuild() {
        Mappings cpu = new Mappings(List.of(WHERE + "/a/lib/libtorch_cpu.so"));
        assertThat(cpu.hasCudaTorch()).isFalse();
        assertThat(cpu.torch()).contains(Path.of("/a/lib"));
        assertThat(new Mappings(List.of(WHERE + "/a/lib/libtorch_cuda.so")).hasCudaTorch())
                .isTrue();
        assertThat(new Mappings(List.of()).torch()).isEmpty();
    }
}
