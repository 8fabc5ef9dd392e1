package atelier.inference.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.image.Resample;
import atelier.diffusion.adapter.math.BlockStrength;
import atelier.diffusion.tensor.Precision;
import atelier.inference.draw.BatchLimit;
import atelier.inference.picture.GenerationParameters;
import atelier.inference.picture.PictureFile;
import atelier.inference.picture.PictureFormat;
import atelier.inference.request.GenerationPlan.Job;
import atelier.inference.sampler.schedule.SamplerKind;
import atelier.inference.sampler.schedule.SigmaSpacing;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GenerationPlanTest {
    private static final SamplingSettings SAMPLING =
            new SamplingSettings(20, SamplerKind.DDIM, null, null, 7.5, 0, 0, 1, 0, NoiseKind.TORCH);
    private static final SourceSettings SOURCE = new SourceSettings(null, null, null, null, 0.75, null, 0.5);

    @TempDir
    private Path folder;

    @Test
    void picturesOfAPromptTakeTheNextSeeds() throws IOException {
        GenerationPlan plan = plan(new PromptSettings("a fox", "blurry", null, null, 10, 3));
        assertThat(plan.jobs()).containsExactly(job("a fox", "blurry", "the prompt", 10L, 11L, 12L));
    }

    @Test
    void aTextFileHoldsAPromptALine() throws IOException {
        Path file = Files.writeString(folder.resolve("p.txt"), "one\n\n# left out\n  two  \n");
        GenerationPlan plan = plan(new PromptSettings(null, "", file, null, 1, 1));
        assertThat(plan.jobs()).extracting(Job::prompt).containsExactly("one", "two");
    }

    @Test
    void aTableGivesPromptsTheirOwnSeedsAndNegatives() throws IOException {
        Path file = Files.writeString(folder.resolve("p.csv"), "prompt,seed,negative_prompt\n\"a, b\",7,\nc,,bad\n");
        GenerationPlan plan = plan(new PromptSettings(null, "own", file, null, 1, 2));
        assertThat(plan.jobs())
                .containsExactly(
                        job("a, b", "own", file + " line 2", 7L, 8L), job("c", "bad", file + " line 3", 1L, 2L));
    }

    @Test
    void aBadTableIsNamedWithItsLine() throws IOException {
        Path noColumn = Files.writeString(folder.resolve("a.csv"), "words\nx\n");
        assertThatThrownBy(() -> PromptList.read(noColumn)).hasMessageContaining("has no column 'prompt'");
        Path seed = Files.writeString(folder.resolve("b.csv"), "prompt,seed\nx,1\ny,many\n");
        assertThatThrownBy(() -> PromptList.read(seed)).hasMessageContaining("b.csv line 3: the seed 'many'");
        Path empty = Files.writeString(folder.resolve("c.txt"), "\n");
        assertThatThrownBy(() -> PromptList.read(empty)).hasMessageContaining("holds no prompt");
        assertThatThrownBy(() -> PromptList.read(folder.resolve("d.txt"))).hasMessageContaining("does not exist");
    }

    @Test
    void aPicturesOwnRecordReplacesTheSettings() throws IOException {
        Path file = folder.resolve("x.png");
        GenerationParameters record = new GenerationParameters(
                "old words",
                "old bad",
                99,
                33,
                4,
                0.5,
                0.1,
                0.9,
                "heun",
                false,
                "karras",
                null,
                96,
                64,
                1,
                "cuda",
                folder.toString(),
                null,
                "bf16",
                List.of(new GenerationParameters.AdapterUse("s.safetensors", 0.5, null, List.of("mid_block:0.0"))),
                null,
                null,
                null,
                2.0,
                0.4,
                List.of(),
                false,
                null,
                "Atelier");
        PictureFile.write(file, new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB), record, PictureFormat.PNG, 95);
        GenerationPlan plan = plan(new PromptSettings(null, "", null, file, 1, 1));
        assertThat(plan.jobs())
                .containsExactly(new Job(
                        "old words",
                        "old bad",
                        List.of(99L),
                        List.of(new AdapterChoice(
                                Path.of("s.safetensors"), 0.5, List.of(new BlockStrength("mid_block", 0)))),
                        1,
                        "the picture's prompt"));
        assertThat(plan.precision()).isEqualTo(Precision.BF16);
        assertThat(plan.output().watermark()).isFalse();
        assertThat(plan.sampling())
                .isEqualTo(new SamplingSettings(
                        33, SamplerKind.HEUN, SigmaSpacing.KARRAS, null, 4, 0.5, 0.1, 0.9, 1, NoiseKind.CUDA));
        assertThat(plan.source().width()).isEqualTo(96);
        assertThat(plan.source().hiresScale()).isEqualTo(2.0);
        assertThat(plan.model()).isEqualTo(folder);
    }

    @Test
    void anAdapterMayCarryItsWeight() {
        assertThat(AdapterChoice.parse("a/b.safetensors")).isEqualTo(new AdapterChoice(Path.of("a/b.safetensors"), 1));
        assertThat(AdapterChoice.parse("a:b.safetensors:-.5"))
                .isEqualTo(new AdapterChoice(Path.of("a:b.safetensors"), -0.5));
        assertThatThrownBy(() -> AdapterChoice.parse(" ")).hasMessageContaining("file:weight");
    }

    @Test
    void settingsThatContradictEachOtherAreRefused() {
        assertThatThrownBy(() -> new PromptSettings(null, "", null, null, 0, 1))
                .hasMessageContaining("prompt is not set");
        assertThatThrownBy(() -> new PromptSettings("a", "", Path.of("b"), null, 0, 1))
                .hasMessageContaining("give one of prompt, prompts and from_image");
        assertThatThrownBy(() -> new SourceSettings(null, null, null, Path.of("m"), 1, null, 0.5))
                .hasMessageContaining("mask needs init_image");
        assertThatThrownBy(() -> new SourceSettings(null, null, null, null, 0, null, 0.5))
                .hasMessageContaining("strength must be more than 0");
        assertThatThrownBy(() -> new SourceSettings(null, null, null, null, 1, 1.0, 0.5))
                .hasMessageContaining("hires_scale must be more than 1");
    }

    @Test
    void enlargingAndShrinkingKeepAFlatPictureFlat() {
        BufferedImage flat = new BufferedImage(8, 6, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 48; i++) {
            flat.setRGB(i % 8, i / 8, 0x336699);
        }
        for (int[] size : new int[][] {{16, 12}, {5, 3}}) {
            BufferedImage resized = Resample.to(flat, size[0], size[1]);
            assertThat(resized.getWidth()).isEqualTo(size[0]);
            assertThat(resized.getRGB(size[0] - 1, size[1] - 1) & 0xffffff).isEqualTo(0x336699);
        }
    }

    @Test
    void everyPromptIsDrawnWithEveryStrength() throws IOException {
        AdapterChoice style = new AdapterChoice(Path.of("style.safetensors"), 0.8);
        AdapterAndEmbeddingSettings adapted =
                new AdapterAndEmbeddingSettings(List.of(style), null, List.of(), List.of(0.0, 0.5), List.of());
        GenerationPlan plan = plan(new PromptSettings("a fox", "", null, null, 1, 1), adapted);
        assertThat(plan.jobs()).extracting(Job::strength).containsExactly(0.0, 0.5);
        assertThat(plan.adapterSets())
                .containsExactly(
                        List.of(new AdapterChoice(style.file(), 0)), List.of(new AdapterChoice(style.file(), 0.4)));
    }

    @Test
    void aTableGivesPromptsTheirOwnAdapters() throws IOException {
        Path file =
                Files.writeString(folder.resolve("p.csv"), "prompt,adapters\na,x.safetensors:0.5|y.safetensors\nb,\n");
        GenerationPlan plan = plan(new PromptSettings(null, "", file, null, 1, 1));
        assertThat(plan.adapterSets())
                .containsExactly(
                        List.of(
                                new AdapterChoice(Path.of("x.safetensors"), 0.5),
                                new AdapterChoice(Path.of("y.safetensors"), 1)),
                        List.of());
    }

    @Test
    void strengthsAndBlocksNeedAdapters() {
        assertThatThrownBy(() -> new AdapterAndEmbeddingSettings(List.of(), null, List.of(), List.of(1.0), List.of()))
                .hasMessageContaining("adapter_strengths needs adapters");
        assertThatThrownBy(() -> new AdapterAndEmbeddingSettings(
                        List.of(), null, List.of(new BlockStrength("mid_block", 0)), List.of(), List.of()))
                .hasMessageContaining("blocks needs adapters");
    }

    @Test
    void promptsThatAreNoTextAreNamed() throws IOException {
        Path file = Files.write(folder.resolve("p.txt"), new byte[] {'a', (byte) 0xff});
        assertThatThrownBy(() -> PromptList.read(file)).hasMessageContaining("is not UTF-8 text; save it as UTF-8");
    }

    @Test
    void fewerPicturesAreDrawnAtOnceWhereMemoryIsShort() {
        List<String> said = new ArrayList<>();
        BatchLimit limit = new BatchLimit(16, said::add, () -> OptionalLong.of(10L << 30));
        assertThat(limit.pictures(16, 1L << 30)).isEqualTo(10);
        assertThat(said)
                .singleElement()
                .asString()
                .contains("batch_size=16 would take about 16.0 GiB and 10.0 GiB are free");
        assertThat(limit.exceeded(new IllegalStateException("CUDA out of memory"), 10))
                .isTrue();
        assertThat(limit.exceeded(new IllegalStateException("another fault"), 10))
                .isFalse();
    }

    private static Job job(String prompt, String negative, String place, Long... seeds) {
        return new Job(prompt, negative, List.of(seeds), List.of(), 1, place);
    }

    private GenerationPlan plan(PromptSettings words) throws IOException {
        return plan(words, AdapterAndEmbeddingSettings.NONE);
    }

    private GenerationPlan plan(PromptSettings words, AdapterAndEmbeddingSettings adapted) throws IOException {
        OutputSettings output = new OutputSettings(folder, PictureFormat.PNG, 95, true, false, 1, 0, 1024);
        return GenerationPlan.of(words, SAMPLING, SOURCE, output, adapted, folder.resolve("none"), Precision.FP32);
    }
}
