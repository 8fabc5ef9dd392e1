package atelier.diffusion.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.EngineException;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class EngineFaultTest {
    private static EngineFault fault(Throwable cause) {
        return EngineFault.of(new IllegalStateException("wrapped", new EngineException("Failed to load", cause)))
                .orElseThrow();
    }

    @Test
    void aMissingDriverIsUnwoundToTheLoadersWords() {
        EngineFault fault = fault(new UnsatisfiedLinkError("/a/torch/lib/libcaffe2_nvrtc.so: libcuda.so.1: cannot open"
                + " shared object file: No such file or directory"));
        assertThat(fault.cause())
                .isEqualTo("libcuda.so.1: cannot open shared object file: No such file or directory"
                        + " (wanted by /a/torch/lib/libcaffe2_nvrtc.so)");
        assertThat(fault.remedy()).startsWith("install NVIDIA's driver");
    }

    @Test
    void amongPyTorchsOwnLibrariesItIsTheSetUpThatMends() {
        EngineFault missing = fault(new UnsatisfiedLinkError("/a/torch/lib/libtorch_cuda.so: libcudnn.so.9: cannot open"
                + " shared object file: No such file or directory"));
        assertThat(missing.message()).contains("libcudnn.so.9").endsWith("run scripts/atelier setup cuda");
        EngineFault other = fault(new UnsatisfiedLinkError("/c/0.36.0-libdjl_torch.so: undefined symbol: _ZN3c10"));
        assertThat(other.message()).contains("undefined symbol: _ZN3c10", "another PyTorch than 2.7.1");
    }

    @Test
    void aDownloadThatIsRefusedNamesTheCommand() {
        EngineFault fault = fault(new UnknownHostException("example.org"));
        assertThat(fault.message())
                .contains("not on this machine", "UnknownHostException", "scripts/atelier setup cuda", "ATELIER_TORCH");
        assertThat(EngineFault.of(new UnknownHostException("example.org")))
                .as("another network's fault")
                .isEmpty();
    }

    @Test
    void aWrongFlavourAndACardWithoutKernelsAreKnown() {
        assertThat(fault(new AssertionError("PyTorch jni not found: jnilib/linux-x86_64/cu126/libdjl_torch.so"))
                        .remedy())
                .contains("PYTORCH_FLAVOR must be cu128");
        assertThat(fault(new EngineException("CUDA error: no kernel image is available for execution on the device\nx"))
                        .remedy())
                .contains("doctor");
        assertThat(EngineFault.of(new IllegalStateException("something else"))).isEmpty();
    }

    @Test
    void lackOfMemoryOnTheCardIsToldFromLackOfMemoryBesideIt() {
        EngineException card = new EngineException("CUDA out of memory. Tried to allocate 2.00 GiB.");
        assertThat(EngineFault.isOutOfGpuMemory(card)).isTrue();
        assertThat(EngineFault.isOutOfMemory(new IllegalStateException(card))).isTrue();
        assertThat(EngineFault.isOutOfGpuMemory(new EngineException("CUBLAS_STATUS_ALLOC_FAILED when calling")))
                .isTrue();
        OutOfMemoryError heap = new OutOfMemoryError("Java heap space");
        assertThat(EngineFault.isOutOfGpuMemory(heap)).isFalse();
        assertThat(EngineFault.isOutOfMemory(heap)).isTrue();
    }
}
