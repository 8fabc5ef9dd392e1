package atelier.evaluation.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import atelier.datasets.image.Lanczos;
import atelier.datasets.image.Pixels;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Precision;
import atelier.evaluation.progress.Progress;
import atelier.inference.sampler.SamplerKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

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
    void anAdapterThatChangesNothingGainsNothing() throws IOException {
        AuditResult result = audit(subjects());
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
    void theSameAuditTwiceGivesTheSameResult() throws IOException {
        assertThat(AuditJson.of(audit(subjects()))).isEqualTo(AuditJson.of(audit(subjects())));
    }

    @Test
    void excludedPicturesAreAskedForByTheirCreatorsNameToo() throws IOException {
        List<ImageVerdict> excluded = audit(subjects()).of(Role.EXCLUDED);
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
        CaptionedUNet network = new CaptionedUNet(model);
        network.learn(List.of("", "picture 3"));
        BatchArtist artist =
                new BatchArtist(model, SamplerKind.DDIM, 2, 4, MemorisationAudit.sideOf(model), Progress.silent());
        List<Draw> draws = List.of(new Draw("picture 3", 5), new Draw("picture 3", 6));
        List<Generation> once = artist.draw(draws, new Guided(network, 4));
        List<Generation> again = artist.draw(draws, new Guided(network, 4));
        assertThat(TiledDistance.between(once.get(0).pixels(), again.get(0).pixels()))
                .isZero();
        assertThat(once.get(0).magnitude()).isPositive();
        assertThat(TiledDistance.between(once.get(0).pixels(), once.get(1).pixels()))
                .isPositive();
    }

    @Test
    void extrapolationByOneIsTheAdaptedModelItself() throws IOException {
        CaptionedUNet network = new CaptionedUNet(model);
        network.learn(List.of("", "picture 3"));
        int elements = 4 * 8 * 8;
        float[] latents = new float[elements];
        for (int i = 0; i < elements; i++) {
            latents[i] = (float) Math.sin(i);
        }
        float[] own = network.predict(latents, 500, List.of("picture 3"));
        float[] extrapolated =
                new Extrapolated(network, network, 1, false).predict(latents, 500, List.of("picture 3"), new double[1]);
        float[] guided = new Guided(network, 1).predict(latents, 500, List.of("picture 3"), new double[1]);
        for (int i = 0; i < elements; i++) {
            assertThat((double) extrapolated[i]).isCloseTo(own[i], within(1e-5));
            assertThat((double) guided[i]).isCloseTo(own[i], within(1e-4));
        }
    }

    private static AuditResult audit(List<AuditSubject> subjects) throws IOException {
        return audit(subjects, Drawn::features);
    }

    private static AuditResult audit(List<AuditSubject> subjects, PictureEmbedding embedding) throws IOException {
        AuditSettings settings =
                new AuditSettings(false, null, 0, 1, 3, 4, 2, SamplerKind.DPMPP_2M, 4, 3, 2, 2, 0.001, 7, 8);
        return new MemorisationAudit(settings, model, model, embedding, Progress.silent()).run(subjects);
    }

    private static List<AuditSubject> subjects() {
        int side = MemorisationAudit.sideOf(model);
        List<AuditSubject> subjects = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Role role = i < 10 ? Role.TRAINING : i < 19 ? Role.HELD_OUT : Role.EXCLUDED;
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
