package atelier.evaluation.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import atelier.common.console.Progress;
import atelier.common.image.Lanczos;
import atelier.common.image.Pixels;
import atelier.diffusion.model.Conditioning;
import atelier.diffusion.model.DrawingDenoiser;
import atelier.diffusion.model.NoisyLatents;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.weights.safetensors.SafetensorsWriter;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.evaluation.audit.detect.AuditSubject;
import atelier.evaluation.audit.detect.Detector;
import atelier.evaluation.audit.detect.ImageVerdict;
import atelier.evaluation.audit.detect.Measured;
import atelier.evaluation.audit.detect.PictureEmbedding;
import atelier.evaluation.audit.detect.Share;
import atelier.evaluation.audit.detect.SplitRole;
import atelier.evaluation.audit.detect.SscdShares;
import atelier.evaluation.audit.detect.TiledDistance;
import atelier.evaluation.audit.draw.AdapterGuidance;
import atelier.evaluation.audit.draw.BatchDrawer;
import atelier.evaluation.audit.draw.BatchGuidance;
import atelier.evaluation.audit.draw.DrawRequest;
import atelier.evaluation.audit.draw.GeneratedPicture;
import atelier.evaluation.audit.draw.MeasuredGuidance;
import atelier.evaluation.audit.report.AuditJson;
import atelier.evaluation.sampling.EncodedCaptions;
import atelier.inference.draw.ModelSession;
import atelier.inference.draw.PictureSize;
import atelier.inference.request.AdapterChoice;
import atelier.inference.sampler.schedule.SamplerKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The audit on a small random model: what must hold for any model. */
final class MemorisationAuditTest {
    private static final Path MODEL = Path.of("../diffusion/src/test/resources/golden/models/sd1");

    private static Kernels kernels;
    private static StableDiffusion model;

    @BeforeAll
    static void open() throws IOException {
        kernels = Kernels.load(Device.cpu());
        model = StableDiffusion.open(MODEL, kernels, Precision.FP32, Use.INFERENCE);
    }

    @AfterAll
    static void close() {
        model.close();
        kernels.close();
    }

    @Test
    void anAdapterOfZerosGainsNothing(@TempDir Path folder) throws IOException {
        AuditResult result;
        try (ModelSession adapted = adapted(folder, 0)) {
            result = audit(subjects(), adapted.model(), Drawn::features);
        }
        assertThat(result.passed()).isTrue();
        assertThat(result.verdicts()).hasSize(21).allSatisfy(verdict -> {
            assertThat(verdict.flagged()).isEmpty();
            assertThat(verdict.scores().get(Detector.MAGNITUDE)).isZero();
            assertThat(verdict.scores().get(Detector.REPLICATION)).isZero();
            assertThat(verdict.evidence().adapted().distance())
                    .isEqualTo(verdict.evidence().base().distance());
        });
    }

    @Test
    void whatAnAdapterChangesIsMeasuredAgainstTheBaseFromTheSameNoise(@TempDir Path folder) throws IOException {
        try (ModelSession adapted = adapted(folder, 4)) {
            AuditResult result = audit(subjects(), adapted.model(), Drawn::features);
            ImageVerdict verdict = result.of(SplitRole.TRAINING).stream()
                    .filter(each -> each.prompt().equals("picture 3"))
                    .findFirst()
                    .orElseThrow();
            GeneratedPicture own = drawn(adapted.model());
            GeneratedPicture before = drawn(model);
            assertThat(TiledDistance.between(own.pixels(), before.pixels())).isPositive();
            Measured evidence = verdict.evidence();
            assertThat(evidence.magnitude()).isCloseTo(own.magnitude(), within(1e-4));
            assertThat(evidence.baseMagnitude()).isCloseTo(before.magnitude(), within(1e-4));
            Pixels picture = verdict.subject().pixels();
            assertThat(evidence.adapted().distance())
                    .isCloseTo(TiledDistance.between(picture, own.pixels()), within(1e-2));
            assertThat(evidence.base().distance())
                    .isCloseTo(TiledDistance.between(picture, before.pixels()), within(1e-2));
            assertThat(verdict.scores().get(Detector.MAGNITUDE))
                    .isNotZero()
                    .isEqualTo(Math.log(evidence.magnitude() / evidence.baseMagnitude()));
        }
    }

    /** The picture that the audit draws for picture 3: guidance 4, the first seed, two steps. */
    private static GeneratedPicture drawn(StableDiffusion model) throws IOException {
        EncodedCaptions captions = new EncodedCaptions(model);
        captions.encode(List.of("", "picture 3"));
        BatchDrawer drawer = new BatchDrawer(model, SamplerKind.DPMPP_2M, 2, 8, Progress.silent());
        return drawer.draw(List.of(new DrawRequest("picture 3", 7)), MeasuredGuidance.rule(captions, 4))
                .get(0);
    }

    /** The model with a LoRA on one projection of attention, its factors filled with waves of a height. */
    private static ModelSession adapted(Path folder, double height) throws IOException {
        String layer = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k";
        Map<String, TensorView> tensors = Map.of(
                layer + ".lora_down.weight", wave(1, 2, 32),
                layer + ".lora_up.weight", wave(height, 16, 2),
                layer + ".alpha", TensorView.ofFloats(new float[] {2}));
        Path file = folder.resolve("adapter.safetensors");
        SafetensorsWriter.write(file, tensors, Map.of());
        return ModelSession.open(MODEL, List.of(List.of(new AdapterChoice(file, 1))), kernels, Precision.FP32);
    }

    private static TensorView wave(double height, int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (height * Math.sin(i + 1));
        }
        return TensorView.ofFloats(values, rows, columns);
    }

    @Test
    void theSameAuditTwiceGivesTheSameResult() throws IOException {
        assertThat(AuditJson.of(audit(subjects()))).isEqualTo(AuditJson.of(audit(subjects())));
    }

    @Test
    void excludedPicturesAreAskedForByTheirCreatorsNameToo() throws IOException {
        List<ImageVerdict> excluded = audit(subjects()).of(SplitRole.EXCLUDED);
        assertThat(excluded.stream().map(ImageVerdict::prompt)).containsExactlyInAnyOrder("picture 19", "Jo Example");
    }

    @Test
    void whatSscdCallsReplicasIsCountedOverGenerations() throws IOException {
        PictureEmbedding alike = new PictureEmbedding() {
            @Override
            public float[][] of(List<Pixels> pictures) {
                return pictures.stream().map(picture -> new float[] {1, 0.2f}).toArray(float[][]::new);
            }

            @Override
            public boolean sscd() {
                return true;
            }
        };
        AuditResult result = audit(subjects(), alike);
        // Twenty captions and a creator's name, each drawn once.
        assertThat(result.sscd()).isEqualTo(new SscdShares(new Share(21, 21), new Share(21, 21)));
        assertThat(audit(subjects()).sscd()).isNull();
    }

    @Test
    void aPictureThatTheModelDrawsIsAtNoDistance() throws IOException {
        EncodedCaptions captions = new EncodedCaptions(model);
        captions.encode(List.of("", "picture 3"));
        BatchDrawer drawer = new BatchDrawer(model, SamplerKind.DDIM, 2, 4, Progress.silent());
        List<DrawRequest> draws = List.of(new DrawRequest("picture 3", 5), new DrawRequest("picture 3", 6));
        List<GeneratedPicture> once = drawer.draw(draws, MeasuredGuidance.rule(captions, 4));
        List<GeneratedPicture> again = drawer.draw(draws, MeasuredGuidance.rule(captions, 4));
        assertThat(TiledDistance.between(once.get(0).pixels(), again.get(0).pixels()))
                .isZero();
        assertThat(once.get(0).magnitude()).isPositive();
        assertThat(TiledDistance.between(once.get(0).pixels(), once.get(1).pixels()))
                .isPositive();
    }

    @Test
    void extrapolationByOneIsTheAdaptedModelItself() throws IOException {
        EncodedCaptions captions = new EncodedCaptions(model);
        captions.encode(List.of("", "picture 3"));
        int elements = 4 * 8 * 8;
        float[] latents = new float[elements];
        for (int i = 0; i < elements; i++) {
            latents[i] = (float) Math.sin(i);
        }
        PictureSize size = PictureSize.nativeTo(model);
        List<String> prompts = List.of("picture 3");
        try (DrawingDenoiser denoiser = new DrawingDenoiser(model);
                BatchGuidance further =
                        AdapterGuidance.rule(captions, captions, 1).of(prompts, size);
                BatchGuidance guided = MeasuredGuidance.rule(captions, 1).of(prompts, size)) {
            float[] own = denoiser.predict(
                    NoisyLatents.at(500, latents, 1, 8, 8),
                    Conditioning.whole(captions.of(prompts), 1, size.height(), size.width()));
            float[] extrapolatedOutput = further.predict(0, latents, 500);
            float[] guidedOutput = guided.predict(0, latents, 500);
            for (int i = 0; i < elements; i++) {
                assertThat((double) extrapolatedOutput[i]).isCloseTo(own[i], within(1e-5));
                assertThat((double) guidedOutput[i]).isCloseTo(own[i], within(1e-4));
            }
        }
    }

    private static AuditResult audit(List<AuditSubject> subjects) throws IOException {
        return audit(subjects, Drawn::features);
    }

    private static AuditResult audit(List<AuditSubject> subjects, PictureEmbedding embedding) throws IOException {
        return audit(subjects, model, embedding);
    }

    private static AuditResult audit(List<AuditSubject> subjects, StableDiffusion adapted, PictureEmbedding embedding)
            throws IOException {
        AuditSettings settings =
                new AuditSettings(false, null, 0, 1, 3, 4, 2, SamplerKind.DPMPP_2M, 4, 3, 2, 2, 0.001, 7, 8);
        return new MemorisationAudit(settings, model, adapted, embedding, Progress.silent()).run(subjects);
    }

    private static List<AuditSubject> subjects() {
        int side = PictureSize.nativeTo(model).width();
        List<AuditSubject> subjects = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            SplitRole role = i < 10 ? SplitRole.TRAINING : i < 19 ? SplitRole.HELD_OUT : SplitRole.EXCLUDED;
            subjects.add(new AuditSubject(
                    i + ".png",
                    "digest " + i,
                    role,
                    "picture " + i,
                    "Jo Example",
                    Lanczos.resize(Drawn.picture(i), side, side)));
        }
        return subjects;
    }
}
