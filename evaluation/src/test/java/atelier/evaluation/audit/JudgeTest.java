package atelier.evaluation.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import atelier.datasets.image.Pixels;
import atelier.evaluation.statistics.Rates;
import atelier.inference.sampler.SamplerKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Measured figures as they come from style and chance alone, with some that come from copies. */
final class JudgeTest {
    private static final Pixels PICTURE = Drawn.picture(1);

    private final Random random = new Random(11);
    private final List<Case> cases = new ArrayList<>();
    private final List<Evidence> evidence = new ArrayList<>();

    @Test
    void plantedCopiesAreOnTopAndFlagged() {
        add(Role.TRAINING, 195);
        int planted = cases.size();
        for (int i = 0; i < 5; i++) {
            cases.add(asked(Role.TRAINING));
            evidence.add(copied());
        }
        add(Role.HELD_OUT, 56);
        AuditResult result = result();
        List<ImageVerdict> ranked = result.of(Role.TRAINING);
        assertThat(ranked.subList(0, 5)).allSatisfy(verdict -> {
            assertThat(verdict.memorised()).isTrue();
            assertThat(verdict.flagged()).hasSizeGreaterThanOrEqualTo(3);
        });
        double[] suspicions =
                result.verdicts().stream().mapToDouble(ImageVerdict::suspicion).toArray();
        double[] copies = java.util.Arrays.copyOfRange(suspicions, planted, planted + 5);
        double[] others = java.util.Arrays.copyOfRange(suspicions, 0, planted);
        assertThat(Rates.auc(copies, others)).isEqualTo(1);
        assertThat(result.memorised(Role.TRAINING).count()).isEqualTo(5);
        assertThat(result.memorised(Role.HELD_OUT)).isEqualTo(new Share(0, 56));
        assertThat(result.passed()).isFalse();
    }

    @Test
    void aBaseGenerationTooPlainForADigestIsNothingToGainOver() {
        Likeness outlined = new Likeness(0.3, PICTURE, 0.6, true, 60);
        Likeness plain = new Likeness(0.4, PICTURE, 0.5, true, 256);
        Likeness unlike = new Likeness(0.4, PICTURE, 0.5, true, 124);
        assertThat(new Evidence(outlined, plain, 0.3, PICTURE, 1, 1).score(Detector.REPLICATION))
                .isCloseTo(0.1, within(1e-9));
        assertThat(new Evidence(outlined, unlike, 0.3, PICTURE, 1, 1).score(Detector.REPLICATION))
                .isCloseTo(0.6, within(1e-9));
    }

    @Test
    void styleAloneIsNoMemorisation() {
        add(Role.TRAINING, 300);
        add(Role.HELD_OUT, 56);
        add(Role.EXCLUDED, 10);
        AuditResult result = result();
        assertThat(result.passed()).isTrue();
        assertThat(result.memorised(Role.HELD_OUT).count()).isZero();
        assertThat(result.summary()).startsWith("0 of 300 training pictures come back, 0 of 10 excluded ones");
    }

    @Test
    void anExcludedPictureThatComesBackFails() {
        add(Role.TRAINING, 100);
        add(Role.HELD_OUT, 40);
        cases.add(asked(Role.EXCLUDED));
        evidence.add(copied());
        assertThat(result().passed()).isFalse();
    }

    @Test
    void aHeldOutPictureIsJudgedByTheOthers() {
        add(Role.TRAINING, 100);
        add(Role.HELD_OUT, 40);
        cases.add(asked(Role.HELD_OUT));
        evidence.add(copied());
        AuditResult result = result();
        // It would hide itself behind its own score if it took part in the threshold that it is judged by.
        assertThat(result.memorised(Role.HELD_OUT).count()).isEqualTo(1);
        assertThat(result.of(Role.HELD_OUT).get(0).evidence().adapted().distance())
                .isLessThan(0.1);
    }

    @Test
    void withoutHeldOutPicturesChanceAloneCalibrates() {
        add(Role.TRAINING, 50);
        Judge judge = new Judge(settings(), cases, evidence, chance());
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
        CliqueExam found = CliqueExam.of(PICTURE, copies, 0.1);
        assertThat(found.size()).isEqualTo(11);
        assertThat(found.confirms(10, 0.4)).isTrue();
        assertThat(found.confirms(12, 0.4)).isFalse();
        assertThat(found.confirms(10, 0.001)).isFalse();
        CliqueExam elsewhere = CliqueExam.of(PICTURE, others, 0.1);
        assertThat(elsewhere.size()).isEqualTo(16);
        assertThat(elsewhere.confirms(10, 0.4)).isFalse();
    }

    @Test
    void jsonHoldsEveryPictureAndNoNumberThatIsNone() {
        add(Role.TRAINING, 20);
        String json = AuditJson.of(result()).toString();
        assertThat(json).doesNotContain("NaN").doesNotContain("Infinity").contains("\"of\":20");
        assertThat(AuditJson.of(result()).get("images")).hasSize(20);
        assertThat(AuditSection.html(result())).contains("data:image/png;base64,");
        assertThat(result().background(0.5)).isCloseTo(0.6, within(1e-9));
    }

    @Test
    void sscdIsNamedOnlyWhereItLooked() {
        add(Role.TRAINING, 20);
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
        Judge judge = new Judge(settings(), cases, evidence, chance());
        return new AuditResult(settings(), judge.thresholds(), 0.1, 64, sscd, List.of(0.5, 0.6, 0.7), judge.screened());
    }

    private List<Evidence> chance() {
        Random other = new Random(5);
        List<Evidence> chance = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            double distance = 0.5 + 0.05 * other.nextGaussian();
            chance.add(evidence(
                    distance, distance, 0.5 + 0.07 * other.nextGaussian(), Math.exp(0.1 * other.nextGaussian())));
        }
        return chance;
    }

    private void add(Role role, int count) {
        for (int i = 0; i < count; i++) {
            cases.add(asked(role));
            evidence.add(evidence(
                    0.45 + 0.04 * random.nextGaussian(),
                    0.5 + 0.04 * random.nextGaussian(),
                    0.55 + 0.07 * random.nextGaussian(),
                    Math.exp(0.1 + 0.1 * random.nextGaussian())));
        }
    }

    private static Evidence copied() {
        return evidence(0.08, 0.12, 0.97, 2.5);
    }

    private static Evidence evidence(double distance, double worst, double similarity, double growth) {
        return new Evidence(
                new Likeness(distance, PICTURE, similarity, true, 100),
                new Likeness(0.5, PICTURE, 0.5, false, 120),
                worst,
                PICTURE,
                3 * growth,
                3);
    }

    private Case asked(Role role) {
        int index = cases.size();
        return new Case(
                new AuditSubject(role + "-" + index, "", role, "caption " + index, "", PICTURE),
                index,
                "caption " + index);
    }

    private static AuditSettings settings() {
        return new AuditSettings(false, null, 0, 1, 16, 8, 8, SamplerKind.DPMPP_2M, 4, 3, 10, 2, 0.001, 1000, 16);
    }
}
