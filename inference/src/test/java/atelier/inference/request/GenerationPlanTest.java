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
import atelier.inference.request.PromptSettings.WildcardSettings;
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

    private static final PictureMetadata.Settings FULL = new PictureMetadata.Settings(PictureMetadata.FULL);

    @TempDir
    private Path folder;

    @Test
    void picturesOfAPromptTakeTheNextSeeds() throws IOException {
        GenerationPlan plan = plan(new PromptSettings("a fox", "blurry", null, null, 10, 3, WildcardSettings.NONE));
        assertThat(plan.jobs()).containsExactly(job("a fox", "blurry", "the prompt", 10L, 11L, 12L));
    }

    @Test
    void aTextFileHoldsAPromptALine() throws IOException {
        Path file = Files.writeString(folder.resolve("p.txt"), "one\n\n# left out\n  two  \n");
        GenerationPlan plan = plan(new PromptSettings(null, "", file, null, 1, 1, WildcardSettings.NONE));
        assertThat(plan.jobs()).extracting(Job::prompt).containsExactly("one", "two");
    }

    @Test
    void aTableGivesPromptsTheirOwnSeedsAndNegatives() throws IOException {
        Path file = Files.writeString(folder.resolve("p.csv"), "prompt,seed,negative_prompt\n\"a, b\",7,\nc,,bad\n");
        GenerationPlan plan = plan(new PromptSettings(null, "own", file, null, 1, 2, WildcardSettings.NONE));
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
                null,
                null,
                2.0,
                0.4,
                List.of(),
                false,
                null,
                "Atelier");
        PictureFile.write(file, new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB), record, PictureFormat.PNG, 95);
        AdapterChoice style = new AdapterChoice(Files.writeString(folder.resolve("s.safetensors"), "x"), 1);
        GenerationPlan plan = plan(
                new PromptSettings(null, "", null, file, 1, 1, WildcardSettings.NONE),
                new AdapterAndEmbeddingSettings(List.of(style), null, null, List.of(), List.of(), List.of()));
        assertThat(plan.jobs())
                .containsExactly(new Job(
                        "old words",
                        "old bad",
                        List.of(99L),
                        List.of(new AdapterChoice(style.file(), 0.5, List.of(new BlockStrength("mid_block", 0)))),
                        1,
                        "the picture's prompt",
                        1,
                        List.of()));
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
    void aRandomSeedIsSaidAndItsPicturesTakeTheNextOnes() throws IOException { // row 36
        GenerationPlan plan = plan(new PromptSettings("a fox", "", null, null, -1, 3, WildcardSettings.NONE));
        List<Long> seeds = plan.jobs().get(0).seeds();
        long first = seeds.get(0);
        assertThat(first).isBetween(0L, 0xFFFFFFFFL);
        assertThat(seeds).containsExactly(first, first + 1, first + 2);
        assertThat(plan.notices())
                .containsExactly("the command: seed -1 stands for a random one; this time it is " + first);
        GenerationPlan again = plan(new PromptSettings("a fox", "", null, null, -1, 3, WildcardSettings.NONE));
        assertThat(again.jobs().get(0).seeds()).isNotEqualTo(seeds);
    }

    @Test
    void aTablesRandomSeedsAreEachTheirOwn() throws IOException { // row 36
        Path file = Files.writeString(folder.resolve("p.csv"), "prompt,seed\na,-1\nb,-1\nc,5\n");
        GenerationPlan plan = plan(new PromptSettings(null, "", file, null, 1, 1, WildcardSettings.NONE));
        long first = plan.jobs().get(0).seeds().get(0);
        long second = plan.jobs().get(1).seeds().get(0);
        assertThat(first).isNotEqualTo(second).isBetween(0L, 0xFFFFFFFFL);
        assertThat(plan.jobs().get(2).seeds()).containsExactly(5L);
        assertThat(plan.notices())
                .containsExactly(
                        file + " line 2: seed -1 stands for a random one; this time it is " + first,
                        file + " line 3: seed -1 stands for a random one; this time it is " + second);
    }

    @Test
    void aPromptThatChoosesIsOneOfSeveralTexts() throws IOException { // row 34
        GenerationPlan plan =
                plan(new PromptSettings("a {red|blue} fox", "", null, null, 0, 12, WildcardSettings.NONE));
        assertThat(plan.jobs()).extracting(Job::prompt).containsExactlyInAnyOrder("a red fox", "a blue fox");
        assertThat(plan.jobs()).extracting(Job::number).containsOnly(1);
        assertThat(plan.prompts()).isEqualTo(1);
        assertThat(plan.jobs().stream().flatMap(job -> job.seeds().stream()))
                .containsExactlyInAnyOrder(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L);
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
        assertThatThrownBy(() -> new PromptSettings(null, "", null, null, 0, 1, WildcardSettings.NONE))
                .hasMessageContaining("prompt is not set");
        assertThatThrownBy(() -> new PromptSettings("a", "", Path.of("b"), null, 0, 1, WildcardSettings.NONE))
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
                new AdapterAndEmbeddingSettings(List.of(style), null, null, List.of(), List.of(0.0, 0.5), List.of());
        GenerationPlan plan = plan(new PromptSettings("a fox", "", null, null, 1, 1, WildcardSettings.NONE), adapted);
        assertThat(plan.jobs()).extracting(Job::strength).containsExactly(0.0, 0.5);
        assertThat(plan.adapterSets())
                .containsExactly(
                        List.of(new AdapterChoice(style.file(), 0)), List.of(new AdapterChoice(style.file(), 0.4)));
    }

    @Test
    void aTableGivesPromptsTheirOwnAdapters() throws IOException {
        Path file =
                Files.writeString(folder.resolve("p.csv"), "prompt,adapters\na,x.safetensors:0.5|y.safetensors\nb,\n");
        GenerationPlan plan = plan(new PromptSettings(null, "", file, null, 1, 1, WildcardSettings.NONE));
        assertThat(plan.adapterSets())
                .containsExactly(
                        List.of(
                                new AdapterChoice(Path.of("x.safetensors"), 0.5),
                                new AdapterChoice(Path.of("y.safetensors"), 1)),
                        List.of());
    }

    @Test
    void strengthsAndBlocksNeedAdapters() {
        assertThatThrownBy(() ->
                        new AdapterAndEmbeddingSettings(List.of(), null, null, List.of(), List.of(1.0), List.of()))
                .hasMessageContaining("adapter_strengths needs adapters");
        assertThatThrownBy(() -> new AdapterAndEmbeddingSettings(
                        List.of(), null, null, List.of(new BlockStrength("mid_block", 0)), List.of(), List.of()))
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
        int number = place.endsWith("line 3") ? 2 : 1;
        return new Job(prompt, negative, List.of(seeds), List.of(), 1, place, number, List.of());
    }

    private GenerationPlan plan(PromptSettings words) throws IOException {
        return plan(words, AdapterAndEmbeddingSettings.NONE);
    }

    private GenerationPlan plan(PromptSettings words, AdapterAndEmbeddingSettings adapted) throws IOException {
        OutputSettings output = new OutputSettings(folder, PictureFormat.PNG, 95, true, false, 1, 0, FULL, 1024);
        return GenerationPlan.of(words, SAMPLING, SOURCE, output, adapted, folder.resolve("none"), Precision.FP32);
    }
}
