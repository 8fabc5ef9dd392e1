package atelier.trainer.memory;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.diffusion.cuda.Gpu;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.unet.UNetConfig;
import atelier.trainer.memory.MemoryUse.Checkpointing;
import atelier.trainer.optimizer.OptimizerName;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;

class MemoryAdviceTest {
    private static final long MIB = 1 << 20;
    private static final UNetConfig SD15 = config("""
        {"block_out_channels": [320, 640, 1280, 1280], "layers_per_block": 2, "cross_attention_dim": 768,
         "attention_head_dim": 8,
         "down_block_types": ["CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"],
         "up_block_types": ["UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"]}\
        """);

    private static UNetConfig config(String json) {
        try {
            return UNetConfig.of(new ObjectMapper().readTree(json));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static MemoryUse use(int batch, int accumulation, Checkpointing checkpointing, Precision precision) {
        return new MemoryUse(
                SD15,
                new MemoryUse.Pass(512, batch, accumulation, checkpointing, precision),
                new MemoryUse.Training(OptimizerName.ADAMW, false, false, false),
                1_800 * MIB,
                3_000_000);
    }

    private static final Gpu LARGE = new Gpu(0, "NVIDIA L4", 8, 9, 24_576 * MIB, 24_000 * MIB);
    private static final Gpu OLD = new Gpu(0, "Tesla T4", 7, 5, 15_360 * MIB, 15_000 * MIB);

    @Test
    void onlyWhatWouldHelpThisRunIsNamed() {
        assertThat(MemoryAdvice.remedies(use(4, 1, Checkpointing.NONE, Precision.FP32), LARGE))
                .containsExactly(
                        "train.batch_size=2 train.gradient_accumulation=2 (the same pictures a step)",
                        "train.gradient_checkpointing=true (a third slower)",
                        "model.dtype=bf16 or fp16",
                        "a smaller data.resolution");
        assertThat(MemoryAdvice.remedies(use(1, 4, Checkpointing.ALL, Precision.FP16), LARGE))
                .containsExactly("a smaller data.resolution");
        assertThat(MemoryAdvice.remedies(use(1, 4, Checkpointing.SOME, Precision.BF16), LARGE))
                .contains("train.checkpointed_blocks=[] (all blocks)");
    }

    @Test
    void aBatchIsCutIntoEqualPasses() {
        assertThat(MemoryAdvice.remedies(use(9, 2, Checkpointing.ALL, Precision.FP16), LARGE)
                        .get(0))
                .isEqualTo("train.batch_size=3 train.gradient_accumulation=6 (the same pictures a step)");
        assertThat(MemoryAdvice.remedies(use(7, 1, Checkpointing.ALL, Precision.FP16), LARGE)
                        .get(0))
                .startsWith("train.batch_size=1 train.gradient_accumulation=7");
    }

    @Test
    void bf16IsNotRecommendedToACardThatEmulatesIt() {
        assertThat(MemoryAdvice.remedies(use(1, 1, Checkpointing.ALL, Precision.FP32), OLD))
                .containsExactly("model.dtype=fp16", "a smaller data.resolution");
    }

    @Test
    void eightBitsAndFrozenTextEncodersAreNamedWhereTheyCarryWeight() {
        MemoryUse large = new MemoryUse(
                SD15,
                new MemoryUse.Pass(256, 1, 1, Checkpointing.ALL, Precision.FP16),
                new MemoryUse.Training(OptimizerName.ADAMW, false, true, false),
                0,
                80_000_000);
        assertThat(MemoryAdvice.remedies(large, LARGE))
                .containsExactly("optimizer=adamw_8bit", "adapter.text_encoders=false");
        MemoryUse eight = new MemoryUse(
                SD15,
                new MemoryUse.Pass(256, 1, 1, Checkpointing.ALL, Precision.FP16),
                new MemoryUse.Training(OptimizerName.ADAMW_8BIT, false, false, false),
                0,
                80_000_000);
        assertThat(MemoryAdvice.remedies(eight, LARGE)).isEmpty();
        assertThat(MemoryAdvice.exceeded(eight, LARGE)).endsWith("a card with more memory is needed");
    }

    @Test
    void theErrorNamesTheCardAndTheSettings() {
        assertThat(MemoryAdvice.exceeded(use(2, 1, Checkpointing.ALL, Precision.FP16), LARGE))
                .isEqualTo("out of memory on cuda:0 (NVIDIA L4, 24.0 GiB): 512 x 512 pixels, batch 2, fp16, gradient"
                        + " checkpointing; any of these takes less: train.batch_size=1"
                        + " train.gradient_accumulation=2 (the same pictures a step); a smaller"
                        + " data.resolution");
    }

    @Test
    void aRunThatWillNotFitIsToldBeforehand() {
        MemoryUse run = use(4, 1, Checkpointing.NONE, Precision.FP16);
        assertThat(MemoryAdvice.expected(run, LARGE)).isEmpty();
        Gpu full = new Gpu(0, "NVIDIA L4", 8, 9, 24_576 * MIB, 1_024 * MIB);
        assertThat(MemoryAdvice.expected(run, full))
                .contains("1.0 GiB of cuda:0's 24.0 GiB are free; other programs hold 23.0 GiB")
                .contains("If it does not fit: train.batch_size=2 train.gradient_accumulation=2");
        Gpu small = new Gpu(0, "small", 8, 6, 2_048 * MIB, 2_000 * MIB);
        assertThat(MemoryAdvice.expected(run, small)).doesNotContain("other programs");
    }
}
