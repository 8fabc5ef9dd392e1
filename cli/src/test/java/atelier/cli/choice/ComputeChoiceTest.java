package atelier.cli.choice;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.diffusion.cuda.Gpu;
import atelier.diffusion.tensor.Processor;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Row 10: the precision that is fast on the device. */
class ComputeChoiceTest {
    @Test
    void aProcessorThatMultipliesInBf16TakesIt() {
        assertThat(ComputeChoice.on(new Processor(Set.of("avx2", "avx512_bf16")))
                        .dtype())
                .isEqualTo("bf16");
        assertThat(ComputeChoice.on(new Processor(Set.of("amx_bf16"))).dtype()).isEqualTo("bf16");
        assertThat(ComputeChoice.on(new Processor(Set.of("avx2", "avx512f"))).dtype())
                .isEqualTo("fp32");
        assertThat(ComputeChoice.on(new Processor(Set.of())).dtype()).isEqualTo("fp32");
    }

    @Test
    void aCardTakesBf16FromComputeCapability8On() {
        assertThat(ComputeChoice.on(new Gpu(0, "Ampere", 8, 0, 1, 1)).dtype()).isEqualTo("bf16");
        assertThat(ComputeChoice.on(new Gpu(0, "Turing", 7, 5, 1, 1)).dtype()).isEqualTo("fp16");
    }
}
