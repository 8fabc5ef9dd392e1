package atelier.evaluation.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import atelier.common.image.Pixels;
import atelier.evaluation.audit.detect.AuditCase;
import atelier.evaluation.audit.detect.AuditSubject;
import atelier.evaluation.audit.detect.CliqueTest;
import atelier.evaluation.audit.detect.Detector;
import atelier.evaluation.audit.detect.ImageVerdict;
import atelier.evaluation.audit.detect.Measured;
import atelier.evaluation.audit.detect.Share;
import atelier.evaluation.audit.detect.Similarity;
import atelier.evaluation.audit.detect.SplitRole;
import atelier.evaluation.audit.detect.SscdShares;
import atelier.evaluation.audit.report.AuditJson;
import atelier.evaluation.audit.report.AuditSection;
import atelier.inference.sampler.schedule.SamplerKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Measured figures as they come from style and chance alone, with some that come from copies. */
final class ImageJudgeTest {
    private static final Pixels PICTURE = Drawn.picture(1);

    private final Random random = new Random(11);
    private final List<AuditCase> cases = new ArrayList<>();
    private final List<Measured> evidence = new ArrayList<>();

    @Test
    void plantedCopiesAreOnTopAndFlagged() {
        add(SplitRole.TRAINING, 195);
        int planted = cases.size();
        for (int i = 0; i < 5; i++) {
            cases.add(asked(SplitRole.TRAINING));
            evidence.add(copied());
        }
        add(SplitRole.HELD_OUT, 56);
        AuditResult result = result();
        List<ImageVerdict> ranked = result.of(SplitRole.TRAINING);
        assertThat(ranked.subList(0, 5)).allSatisfy(verdict -> {
            assertThat(verdict.memorised()).isTrue();
            assertThat(verdict.flagged()).hasSizeGreaterThanOrEqualTo(3);
        });
        double[] suspicions =
                result.verdicts().stream().mapToDouble(ImageVerdict::suspicion).toArray();
        double[] copies = java.util.Arrays.copyOfRange(suspicions, planted, planted + 5);
        double[] others = java.util.Arrays.copyOfRange(suspicions, 0, planted);
        assertThat(java.util.Arrays.stream(copies).min().orElseThrow())
                .isGreaterThan(java.util.Arrays.stream(others).max().orElseThrow());
        assertThat(result.memorised(SplitRole.TRAINING).count()).isEqualTo(5);
        assertThat(result.memorised(SplitRole.HELD_OUT)).isEqualTo(new Share(0, 56));
        assertThat(result.passed()).isFalse();
    }

    @Test
    void aBaseGenerationTooPlainForADigestIsNothingToGainOver() {
        Similarity outlined = new Similarity(0.3, PICTURE, 0.6, true, 60);
        Similarity plain = new Similarity(0.4, PICTURE, 0.5, true, 256);
        Similarity unlike = new Similarity(0.4, PICTURE, 0.5, true, 124);
        assertThat(new Measured(outlined, plain, 0.3, PICTURE, 1, 1).score(Detector.REPLICATION))
                .isCloseTo(0.1, within(1e-9));
        assertThat(new Measured(outlined, unlike, 0.3, PICTURE, 1, 1).score(Detector.REPLICATION))
                .isCloseTo(0.6, within(1e-9));
    }

    @Test
    void styleAloneIsNoMemorisation() {
        add(SplitRole.TRAINING, 300);
        add(SplitRole.HELD_OUT, 56);
        add(SplitRole.EXCLUDED, 10);
        AuditResult result = result();
        assertThat(result.passed()).isTrue();
        assertThat(result.memorised(SplitRole.HELD_OUT).count()).isZero();
        assertThat(result.summary()).startsWith("0 of 300 training pictures come back, 0 of 10 excluded ones");
    }

    @Test
    void anExcludedPictureThatComesBackFails() {
        add(SplitRole.TRAINING, 100);
        add(SplitRole.HELD_OUT, 40);
        cases.add(asked(SplitRole.EXCLUDED));
        evidence.add(copied());
        assertThat(result().passed()).isFalse();
    }

    @Test
    void aHeldOutPictureIsJudgedByTheOthers() {
        add(SplitRole.TRAINING, 100);
        add(SplitRole.HELD_OUT, 40);
        cases.add(asked(SplitRole.HELD_OUT));
        evidence.add(copied());
        AuditResult result = result();
        // It would hide itself behind its own score if it took part in the threshold that it is judged by.
        assertThat(result.memorised(SplitRole.HELD_OUT).count()).isEqualTo(1);
        assertThat(result.of(SplitRole.HELD_OUT).get(0).evidence().adapted().distance())
                .isLessThan(0.1);
    }

    @Test
    void withoutHeldOutPicturesChanceAloneCalibrates() {
        add(SplitRole.TRAINING, 50);
        ImageJudge judge = new ImageJudge(settings(), cases, evidence, chance());
        assertThat(judge.thresholds().values())
                .allSatisfy(threshold -> assertThat(threshold.count()).isEqualTo(64));
    }

    @Test
    void aCliqueCountsOnlyWhereItIsThePicture() {
        Pixels copy = Drawn.noisy(PICTURE, 4, 1);
        List<Pixels> copies = new ArrayList<>();
        List<Pixels> others = new ArrayList<>();
        for (long i = 0; i < 16; i++) {
            copies.add(i < 11 ? Drawn.noisy(copy, 4, i) : Drawn.picture(100 + i));
            others.add(Drawn.noisy(Drawn.picture(7), 4, i));
        }
        CliqueTest found = CliqueTest.of(PICTURE, copies, 0.1);
        assertThat(found.size()).isEqualTo(11);
        assertThat(found.confirms(10, 0.4)).isTrue();
        assertThat(found.confirms(12, 0.4)).isFalse();
        assertThat(found.confirms(10, 0.001)).isFalse();
        CliqueTest elsewhere = CliqueTest.of(PICTURE, others, 0.1);
        assertThat(elsewhere.size()).isEqualTo(16);
        assertThat(elsewhere.confirms(10, 0.4)).isFalse();
    }

    @Test
    void jsonHoldsEveryPictureAndNoNumberThatIsNone() {
        add(SplitRole.TRAINING, 20);
        String json = AuditJson.of(result()).toString();
        assertThat(json).doesNotContain("NaN").doesNotContain("Infinity").contains("\"of\":20");
        assertThat(AuditJson.of(result()).get("images")).hasSize(20);
        assertThat(AuditSection.html(result())).contains("data:image/png;base64,");
        assertThat(result().background(0.5)).isCloseTo(0.6, within(1e-9));
    }

    @Test
    void sscdIsNamedOnlyWhereItLooked() {
        add(SplitRole.TRAINING, 20);
        String plain = AuditJson.of(result()) + AuditSection.html(result());
        assertThat(plain).doesNotContainIgnoringCase("SSCD");
        AuditResult seen = result(new SscdShares(new Share(3, 40), new Share(1, 40)));
        assertThat(seen.label(Detector.REPLICATION)).isEqualTo("replication (SSCD)");
        assertThat(seen.label(Detector.MAGNITUDE)).isEqualTo("text-conditional magnitude");
        assertThat(AuditJson.of(seen).at("/sscd_over_half/adapted/count").asInt())
                .isEqualTo(3);
        assertThat(AuditSection.html(seen))
                .contains("<th>replication (SSCD)</th>")
                .contains("3 of 40 generations (7.5 %) are more similar than 0.5 to their nearest training picture");
    }

    private AuditResult result() {
        return result(null);
    }

    private AuditResult result(@Nullable SscdShares sscd) {
        ImageJudge judge = new ImageJudge(settings(), cases, evidence, chance());
        return new AuditResult(settings(), judge.thresholds(), 0.1, 64, sscd, List.of(0.5, 0.6, 0.7), judge.screened());
    }

    private List<Measured> chance() {
        Random other = new Random(5);
        List<Measured> chance = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            double distance = 0.5 + 0.05 * other.nextGaussian();
            chance.add(evidence(
                    distance, distance, 0.5 + 0.07 * other.nextGaussian(), Math.exp(0.1 * other.nextGaussian())));
        }
        return chance;
    }

    private void add(SplitRole role, int count) {
        for (int i = 0; i < count; i++) {
            cases.add(asked(role));
            evidence.add(evidence(
                    0.45 + 0.04 * random.nextGaussian(),
                    0.5 + 0.04 * random.nextGaussian(),
                    0.55 + 0.07 * random.nextGaussian(),
                    Math.exp(0.1 + 0.1 * random.nextGaussian())));
        }
    }

    private static Measured copied() {
        return evidence(0.08, 0.12, 0.97, 2.5);
    }

    private static Measured evidence(double distance, double worst, double similarity, double growth) {
        return new Measured(
                new Similarity(distance, PICTURE, similarity, true, 100),
                new Similarity(0.5, PICTURE, 0.5, false, 120),
                worst,
                PICTURE,
                3 * growth,
                3);
    }

    private AuditCase asked(SplitRole role) {
        int index = cases.size();
        return new AuditCase(
                new AuditSubject(role + "-" + index, "", role, "caption " + index, "", PICTURE),
                index,
                "caption " + index);
    }

    private static AuditSettings settings() {
        return new AuditSettings(false, null, 0, 1, 16, 8, 8, SamplerKind.DPMPP_2M, 4, 3, 10, 2, 0.001, 1000, 16);
    }
}
