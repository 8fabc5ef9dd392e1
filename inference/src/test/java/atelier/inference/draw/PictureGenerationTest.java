package atelier.inference.draw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.file.Sha256;
import atelier.diffusion.tensor.Precision;
import atelier.inference.picture.GenerationParameters;
import atelier.inference.picture.PictureFile;
import atelier.inference.picture.PictureFormat;
import atelier.inference.request.AdapterAndEmbeddingSettings;
import atelier.inference.request.AdapterChoice;
import atelier.inference.request.GenerationPlan;
import atelier.inference.request.NoiseKind;
import atelier.inference.request.OutputSettings;
import atelier.inference.request.PictureMetadata;
import atelier.inference.request.PromptSettings;
import atelier.inference.request.PromptSettings.WildcardSettings;
import atelier.inference.request.SamplingSettings;
import atelier.inference.request.SourceSettings;
import atelier.inference.safety.SafetyAction;
import atelier.inference.safety.SafetyFilter;
import atelier.inference.safety.SafetySettings;
import atelier.inference.sampler.schedule.SamplerKind;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whole runs on the tiny SD 1.x model. */
class PictureGenerationTest {
    private static final SamplingSettings SAMPLING =
            new SamplingSettings(3, SamplerKind.DPMPP_2M, null, null, 7.5, 0, 0, 1, 0, NoiseKind.TORCH);
    private static final PictureGeneration.Progress SILENT = (picture, pictures, call, calls) -> true;

    @TempDir
    private Path folder;

    @Test
    void aPictureIsMadeAgainByteForByte() throws IOException {
        Path adapter = TinyModel.adapter(folder.resolve("style.safetensors"), 1);
        AdapterAndEmbeddingSettings adapted = new AdapterAndEmbeddingSettings(
                List.of(new AdapterChoice(adapter, 0.7)), null, null, List.of(), List.of(), List.of());
        Path first = run(words("a (red:1.3) fox", 1), adapted, "a", SILENT).get(0);
        PromptSettings again = new PromptSettings(null, "", null, first, 0, 1, WildcardSettings.NONE);
        Path second = run(again, adapted, "b", SILENT).get(0);
        assertThat(second).isNotEqualTo(first).hasSameBinaryContentAs(first);
    }

    @Test
    void aTagDrawsAsTheAdapterThatItNames() throws IOException { // row 34
        Path adapter = TinyModel.adapter(folder.resolve("mine/style.safetensors"), 1);
        AdapterAndEmbeddingSettings dir =
                new AdapterAndEmbeddingSettings(List.of(), null, adapter.getParent(), List.of(), List.of(), List.of());
        AdapterAndEmbeddingSettings named = new AdapterAndEmbeddingSettings(
                List.of(new AdapterChoice(adapter, 0.7)), null, null, List.of(), List.of(), List.of());
        Path tagged =
                run(words("a fox <lora:style:0.7>", 1), dir, "tagged", SILENT).get(0);
        Path plain = run(words("a fox", 1), named, "plain", SILENT).get(0);
        assertThat(tagged).hasSameBinaryContentAs(plain);
    }

    @Test
    void choicesKeepTheNamesOfTheirSeeds() throws IOException { // row 34
        List<Path> files = run(words("a {red|blue} fox", 4), AdapterAndEmbeddingSettings.NONE, "choices", SILENT);
        assertThat(files)
                .extracting(file -> file.getFileName().toString())
                .containsExactlyInAnyOrder("7.png", "8.png", "9.png", "10.png");
        for (Path file : files) {
            assertThat(PictureFile.texts(file).own().orElseThrow().prompt()).matches("a (red|blue) fox");
        }
    }

    @ParameterizedTest
    @EnumSource(PictureFormat.class)
    void aPictureTellsNoPathAndOnDemandNothing(PictureFormat format) throws IOException { // row 35
        Path adapter = TinyModel.adapter(folder.resolve("secret/style.safetensors"), 1);
        Path start = folder.resolve("secret/start.png");
        PictureFile.write(start, new BufferedImage(24, 16, BufferedImage.TYPE_INT_RGB), null, PictureFormat.PNG, 95);
        SourceSettings source = new SourceSettings(24, 16, start, null, 0.75, null, 0.5);
        for (PictureMetadata metadata : PictureMetadata.values()) {
            OutputSettings output = new OutputSettings(
                    folder.resolve("o"), format, 95, true, true, 1, 0, new PictureMetadata.Settings(metadata), 1024);
            GenerationPlan plan = GenerationPlan.of(
                    words("a fox", 1),
                    SAMPLING,
                    source,
                    output,
                    with(adapter, List.of()),
                    TinyModel.path("sd1"),
                    Precision.FP32);
            for (Path file : draw(plan, SILENT)) {
                String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                String wide = new String(Files.readAllBytes(file), StandardCharsets.UTF_16BE);
                assertThat(bytes + wide + bytes.replace("\0", ""))
                        .doesNotContain(
                                "secret",
                                folder.toString(),
                                TinyModel.path("sd1").toString());
                if (metadata == PictureMetadata.NONE || file.endsWith("grid.png")) {
                    assertThat(bytes)
                            .doesNotContain("tEXt", "iTXt", "zTXt", "eXIf", "Exif", "EXIF", "XMP", "adobe", "fox");
                } else {
                    assertThat(bytes).contains("adobe:ns:meta");
                }
                if (metadata == PictureMetadata.FULL && format == PictureFormat.PNG && !file.endsWith("grid.png")) {
                    GenerationParameters own = PictureFile.texts(file).own().orElseThrow();
                    assertThat(own.image()).isEqualTo("start.png");
                    assertThat(own.imageSha256()).isEqualTo(Sha256.of(start));
                    assertThat(own.adapters().get(0).file()).isEqualTo("style.safetensors");
                    assertThat(own.model()).isEqualTo("sd1");
                }
            }
        }
    }

    @Test
    void adaptersThatChangeBetweenPicturesDrawAsThoseMergedForGood() throws IOException {
        Path adapter = TinyModel.adapter(folder.resolve("style.safetensors"), 1);
        List<Path> swept = run(words("a fox", 1), with(adapter, List.of(0.0, 1.0, 0.0, 0.5)), "swept", SILENT);
        assertThat(pixels(swept.get(2))).as("back at the base").isEqualTo(pixels(swept.get(0)));
        assertThat(pixels(swept.get(1))).isNotEqualTo(pixels(swept.get(0)));
        Path merged = run(words("a fox", 1), with(adapter, List.of(0.5)), "merged", SILENT)
                .get(0);
        assertThat(pixels(swept.get(3))).isEqualTo(pixels(merged));
    }

    @Test
    void anAdapterOfAnotherFamilyIsNamedWithTheLayer() throws IOException {
        Path adapter = TinyModel.adapter(folder.resolve("style.safetensors"), 1);
        List<List<AdapterChoice>> sets = List.of(List.of(new AdapterChoice(adapter, 1)));
        for (String other : List.of("sd2", "sdxl")) {
            assertThatThrownBy(
                            () -> ModelSession.open(TinyModel.path(other), sets, TinyModel.kernels(), Precision.FP32))
                    .hasMessageContaining("style.safetensors")
                    .hasMessageMatching("(?s).*(another family of models|another model).*");
        }
    }

    @Test
    void whatIsFinishedStaysWhereARunIsStopped() throws IOException {
        int[] calls = {0};
        assertThatThrownBy(() ->
                        run(words("a fox", 3), AdapterAndEmbeddingSettings.NONE, "c", (picture, all, call, of) -> {
                            calls[0]++;
                            return picture < 1 || call < 2;
                        }))
                .isInstanceOf(CancellationException.class)
                .hasMessageContaining("stopped after 2 of 3");
        assertThat(calls[0]).isEqualTo(5);
        Path whole = run(words("a fox", 1), AdapterAndEmbeddingSettings.NONE, "whole", SILENT)
                .get(0);
        assertThat(pixels(folder.resolve("c/7.png"))).isEqualTo(pixels(whole));
        assertThat(folder.resolve("c")).isDirectoryNotContaining("glob:**.part");
        assertThat(folder.resolve("c/8.png")).doesNotExist();
    }

    @Test
    void previewsGoAwayWhenThePictureIsThere() throws IOException {
        boolean[] seen = {false};
        Path preview = folder.resolve("p/preview.png");
        run(words("a fox", 1), AdapterAndEmbeddingSettings.NONE, "p", (picture, all, call, of) -> {
            seen[0] |= Files.exists(preview);
            return true;
        });
        assertThat(seen[0]).isTrue();
        assertThat(preview).doesNotExist();
    }

    @Test
    void aPictureDrawnInABatchIsTheOneDrawnAlone() throws IOException {
        List<Path> together = run(words("a fox", 3), AdapterAndEmbeddingSettings.NONE, "batch", SILENT, 3);
        List<Path> alone = run(words("a fox", 3), AdapterAndEmbeddingSettings.NONE, "alone", SILENT, 1);
        for (int i = 0; i < 3; i++) {
            int[] a = pixels(together.get(i));
            int[] b = pixels(alone.get(i));
            assertThat(IntStream.range(0, a.length)
                            .map(k -> difference(a[k], b[k]))
                            .max()
                            .orElseThrow())
                    .isLessThanOrEqualTo(1);
        }
    }

    private static int difference(int a, int b) {
        int worst = 0;
        for (int shift = 0; shift < 24; shift += 8) {
            worst = Math.max(worst, Math.abs(((a >> shift) & 0xff) - ((b >> shift) & 0xff)));
        }
        return worst;
    }

    private static PromptSettings words(String prompt, int count) {
        return new PromptSettings(prompt, "", null, null, 7, count, WildcardSettings.NONE);
    }

    private static AdapterAndEmbeddingSettings with(Path adapter, List<Double> strengths) {
        return new AdapterAndEmbeddingSettings(
                List.of(new AdapterChoice(adapter, 1)), null, null, List.of(), strengths, List.of());
    }

    private List<Path> run(
            PromptSettings words, AdapterAndEmbeddingSettings adapted, String out, PictureGeneration.Progress progress)
            throws IOException {
        return run(words, adapted, out, progress, 1);
    }

    private List<Path> run(
            PromptSettings words,
            AdapterAndEmbeddingSettings adapted,
            String out,
            PictureGeneration.Progress progress,
            int batch)
            throws IOException {
        SourceSettings source = new SourceSettings(24, 16, null, null, 0.75, null, 0.5);
        OutputSettings output = new OutputSettings(
                folder.resolve(out),
                PictureFormat.PNG,
                95,
                true,
                false,
                batch,
                1,
                new PictureMetadata.Settings(PictureMetadata.FULL),
                1024);
        GenerationPlan plan =
                GenerationPlan.of(words, SAMPLING, source, output, adapted, TinyModel.path("sd1"), Precision.FP32);
        return draw(plan, progress);
    }

    private static List<Path> draw(GenerationPlan plan, PictureGeneration.Progress progress) throws IOException {
        SafetySettings checked = new SafetySettings(SafetyAction.TAG, 0.5);
        try (ModelSession model =
                        ModelSession.open(plan.model(), plan.adapterSets(), TinyModel.kernels(), plan.precision());
                SafetyFilter safety = SafetyFilter.open(checked, plan.model(), TinyModel.kernels())) {
            return new PictureGeneration(plan, model, safety, message -> {}).run(progress);
        }
    }

    private static int[] pixels(Path file) throws IOException {
        BufferedImage picture = PictureFile.read(file);
        return picture.getRGB(0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth());
    }
}
