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
import atelier.evaluation.audit.draw.CaptionedDenoiser;
import atelier.evaluation.audit.draw.ClassifierFreeGuidance;
import atelier.evaluation.audit.draw.DrawRequest;
import atelier.evaluation.audit.draw.Guidance;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
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
    private final CaptionedDenoiser base;
    private final CaptionedDenoiser adapted;
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
        this.base = new CaptionedDenoiser(base);
        this.adapted = new CaptionedDenoiser(adapted);
        this.embedding = embedding;
        this.progress = progress;
    }

    /** The side of the pictures that a model draws, in pixels. */
    public static int sideOf(StableDiffusion model) {
        return model.unet().config().sampleSize() * model.autoencoderConfig().factor();
    }

    /** Audits. Held-out pictures, eight at least, are needed to judge magnitudes and to count false alarms. */
    public AuditResult run(List<AuditSubject> pictures) throws IOException {
        List<AuditSubject> subjects = sample(pictures);
        List<AuditCase> cases = cases(subjects);
        List<String> prompts = cases.stream().map(AuditCase::prompt).toList();
        int distinct = new HashSet<>(prompts).size();
        progress.expect(settings.passes(distinct, subjects.size()));
        progress.says("audit: " + subjects.size() + " pictures, " + distinct + " prompts");
        encode(prompts);
        DrawnPictures own = portfolio(new ClassifierFreeGuidance(adapted, settings.guidanceScale()));
        DrawnPictures before = portfolio(new ClassifierFreeGuidance(base, settings.guidanceScale()));
        DrawnPictures worst = portfolio(new AdapterGuidance(base, adapted, settings.extrapolation(), false));
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
    private List<Measured> chance(List<AuditCase> cases, TrainingIndex trainingIndex, DrawnPictures before) {
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

    private List<ImageVerdict> judged(ImageJudge judge, List<AuditCase> cases, DrawnPictures own, double edge) {
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

    /** Every picture under its caption, in the gallery's order; then excluded ones under their creator's name. */
    private static List<AuditCase> cases(List<AuditSubject> subjects) {
        List<AuditCase> cases = new ArrayList<>();
        for (int i = 0; i < subjects.size(); i++) {
            cases.add(new AuditCase(subjects.get(i), i, subjects.get(i).caption()));
        }
        for (int i = 0; i < subjects.size(); i++) {
            AuditSubject subject = subjects.get(i);
            if (subject.role() == SplitRole.EXCLUDED && !subject.creator().isBlank()) {
                cases.add(new AuditCase(subject, i, subject.creator()));
            }
        }
        return cases;
    }

    /** As many pictures of each role as are wanted, in their order. */
    private List<AuditSubject> sample(List<AuditSubject> pictures) {
        if (settings.images() == 0) {
            return pictures;
        }
        Set<AuditSubject> kept = new HashSet<>();
        for (SplitRole role : SplitRole.values()) {
            List<AuditSubject> own = new ArrayList<>(
                    pictures.stream().filter(picture -> picture.role() == role).toList());
            Collections.shuffle(own, new Random(settings.seed()));
            kept.addAll(own.subList(0, Math.min(settings.images(), own.size())));
        }
        return pictures.stream().filter(kept::contains).toList();
    }

    private void encode(List<String> prompts) throws IOException {
        List<String> all = new ArrayList<>(prompts);
        all.add("");
        base.encode(all);
        adapted.encode(all);
    }

    private DrawnPictures portfolio(Guidance rule) {
        StableDiffusion model = base.model();
        BatchDrawer artist = new BatchDrawer(
                model, settings.sampler(), settings.steps(), settings.batchSize(), sideOf(model), progress);
        return new DrawnPictures(artist, rule);
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
