package atelier.evaluation.audit;

import atelier.common.console.Progress;
import atelier.common.image.Pixels;
import atelier.diffusion.model.StableDiffusion;
import atelier.evaluation.audit.detect.AuditCase;
import atelier.evaluation.audit.detect.AuditSubject;
import atelier.evaluation.audit.detect.CliqueTest;
import atelier.evaluation.audit.detect.ImageVerdict;
import atelier.evaluation.audit.detect.Measured;
import atelier.evaluation.audit.detect.PictureEmbedding;
import atelier.evaluation.audit.detect.Similarity;
import atelier.evaluation.audit.detect.SplitRole;
import atelier.evaluation.audit.detect.SscdShares;
import atelier.evaluation.audit.detect.TiledDistance;
import atelier.evaluation.audit.detect.TrainingIndex;
import atelier.evaluation.audit.draw.AdapterGuidance;
import atelier.evaluation.audit.draw.BatchDrawer;
import atelier.evaluation.audit.draw.BatchGuidance;
import atelier.evaluation.audit.draw.DrawRequest;
import atelier.evaluation.audit.draw.MeasuredGuidance;
import atelier.evaluation.sampling.EncodedCaptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Asks an adapted model for every picture that it must not give back, by the picture's own caption, and its base model
 * for the same; four detectors judge what comes. Everything is a function of the settings, the models and the pictures.
 */
public final class MemorisationAudit {
    /** Base generations that each one is compared with for the cliques' edge. */
    private static final int NEIGHBOURS = 8;
    /** Pictures whose captions the base draws once more, to know what chance gains. */
    static final int CHANCES = 64;

    private final AuditSettings settings;
    private final EncodedCaptions base;
    private final EncodedCaptions adapted;
    private final PictureEmbedding embedding;
    private final Progress progress;

    /**
     * @param base without the adapter; stays the caller's, as the next one does
     * @param adapted with it, at full strength
     * @param embedding features for likeness; of a network that has nothing to do with the model
     * @param progress hears what happens
     */
    public MemorisationAudit(
            AuditSettings settings,
            StableDiffusion base,
            StableDiffusion adapted,
            PictureEmbedding embedding,
            Progress progress) {
        this.settings = settings;
        this.base = new EncodedCaptions(base);
        this.adapted = new EncodedCaptions(adapted);
        this.embedding = embedding;
        this.progress = progress;
    }

    /** Audits. Held-out pictures, eight at least, are needed to judge magnitudes and to count false alarms. */
    public AuditResult run(List<AuditSubject> pictures) throws IOException {
        List<AuditSubject> subjects = AuditCases.sample(pictures, settings.images(), settings.seed());
        List<AuditCase> cases = AuditCases.of(subjects);
        List<String> prompts = cases.stream().map(AuditCase::prompt).toList();
        int distinct = new HashSet<>(prompts).size();
        progress.expect(settings.passes(distinct, subjects.size()));
        progress.says(
                "audit: " + subjects.size() + " pictures, " + distinct + (distinct == 1 ? " prompt" : " prompts"));
        encode(prompts);
        DrawnPictures own = drawnBy(MeasuredGuidance.rule(adapted, settings.guidanceScale()));
        DrawnPictures before = drawnBy(MeasuredGuidance.rule(base, settings.guidanceScale()));
        DrawnPictures worst = drawnBy(AdapterGuidance.rule(base, adapted, settings.extrapolation()));
        List<DrawRequest> screening = prompts.stream()
                .flatMap(prompt -> draws(prompt, settings.screeningSeeds()).stream())
                .toList();
        own.draw(screening);
        progress.says("audit: drawn with the adapter");
        before.draw(screening);
        progress.says("audit: drawn without it");
        worst.draw(screening);
        progress.says("audit: drawn with extrapolated guidance");

        own.look(screening, embedding);
        before.look(screening, embedding);
        TrainingIndex trainingIndex =
                TrainingIndex.of(subjects.stream().map(AuditSubject::pixels).toList(), embedding);
        List<Measured> evidence = new ArrayList<>();
        for (AuditCase each : cases) {
            List<DrawRequest> draws = draws(each.prompt(), settings.screeningSeeds());
            Pixels extrapolated = worst.nearest(each, draws);
            evidence.add(new Measured(
                    own.likeness(each, trainingIndex, draws),
                    before.likeness(each, trainingIndex, draws),
                    TiledDistance.between(each.subject().pixels(), extrapolated),
                    extrapolated,
                    own.magnitude(draws),
                    before.magnitude(draws)));
        }
        List<Measured> chance = chance(cases, trainingIndex, before);
        ImageJudge judge = new ImageJudge(settings, cases, evidence, chance);
        double edge = edge(before, prompts);
        int[] training = IntStream.range(0, trainingIndex.size())
                .filter(i -> subjects.get(i).role() == SplitRole.TRAINING)
                .toArray();
        SscdShares replicas = embedding.sscd()
                ? new SscdShares(
                        own.similar(screening, trainingIndex, training, SscdShares.BOUND),
                        before.similar(screening, trainingIndex, training, SscdShares.BOUND))
                : null;
        return new AuditResult(
                settings,
                judge.thresholds(),
                edge,
                chance.size(),
                replicas,
                trainingIndex.background(training),
                judged(judge, cases, own, edge));
    }

    /** The base model in the adapted one's place, from other noise than it is measured against. */
    private List<Measured> chance(List<AuditCase> cases, TrainingIndex trainingIndex, DrawnPictures before)
            throws IOException {
        int count = Math.min(CHANCES, trainingIndex.size());
        List<AuditCase> some = IntStream.range(0, count)
                .mapToObj(i -> cases.get(i * trainingIndex.size() / count))
                .toList();
        List<DrawRequest> others =
                some.stream().flatMap(each -> others(each.prompt()).stream()).toList();
        before.draw(others);
        before.look(others, embedding);
        List<Measured> chance = new ArrayList<>();
        for (AuditCase each : some) {
            List<DrawRequest> draws = draws(each.prompt(), settings.screeningSeeds());
            Similarity again = before.likeness(each, trainingIndex, others(each.prompt()));
            chance.add(new Measured(
                    again,
                    before.likeness(each, trainingIndex, draws),
                    again.distance(),
                    again.nearest(),
                    before.magnitude(others(each.prompt())),
                    before.magnitude(draws)));
        }
        return chance;
    }

    /** As many draws as screening has, from seeds that nothing else takes. */
    private List<DrawRequest> others(String prompt) {
        return IntStream.range(0, settings.screeningSeeds())
                .mapToObj(i -> new DrawRequest(prompt, settings.seed() + settings.seeds() + i))
                .toList();
    }

    private List<ImageVerdict> judged(ImageJudge judge, List<AuditCase> cases, DrawnPictures own, double edge)
            throws IOException {
        List<ImageVerdict> verdicts = judge.screened();
        List<Integer> candidates = judge.candidates(verdicts);
        own.draw(candidates.stream()
                .flatMap(place -> draws(cases.get(place).prompt(), settings.seeds()).stream())
                .toList());
        progress.says("audit: the most suspicious drawn from " + settings.seeds() + " seeds");
        for (int place : candidates) {
            AuditCase asked = cases.get(place);
            List<Pixels> drawn = own.pixels(draws(asked.prompt(), settings.seeds()));
            CliqueTest exam = CliqueTest.of(asked.subject().pixels(), drawn, edge);
            verdicts.set(place, judge.examined(verdicts.get(place), place, exam));
        }
        return verdicts;
    }

    private void encode(List<String> prompts) throws IOException {
        List<String> all = new ArrayList<>(prompts);
        all.add("");
        base.encode(all);
        adapted.encode(all);
    }

    private DrawnPictures drawnBy(BatchGuidance.Rule rule) {
        StableDiffusion model = base.model();
        BatchDrawer drawer =
                new BatchDrawer(model, settings.sampler(), settings.steps(), settings.batchSize(), progress);
        return new DrawnPictures(drawer, rule);
    }

    private List<DrawRequest> draws(String prompt, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new DrawRequest(prompt, settings.seed() + i))
                .toList();
    }

    /** The tiled distance that base generations of two different prompts fall below with the probability audit.level. */
    private double edge(DrawnPictures before, List<String> prompts) {
        List<DrawRequest> first = prompts.stream()
                .distinct()
                .map(prompt -> new DrawRequest(prompt, settings.seed()))
                .toList();
        List<Pixels> generations = before.pixels(first);
        List<Double> distances = new ArrayList<>();
        for (int i = 0; i < generations.size(); i++) {
            for (int j = i + 1; j <= Math.min(i + NEIGHBOURS, generations.size() - 1); j++) {
                distances.add(TiledDistance.between(generations.get(i), generations.get(j)));
            }
        }
        Collections.sort(distances);
        return distances.isEmpty() ? 0 : distances.get((int) (settings.level() * distances.size()));
    }
}
