package atelier.evaluation.audit;

import atelier.datasets.image.Pixels;
import atelier.diffusion.model.StableDiffusion;
import atelier.evaluation.progress.Progress;
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
    private final CaptionedUNet base;
    private final CaptionedUNet adapted;
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
        this.base = new CaptionedUNet(base);
        this.adapted = new CaptionedUNet(adapted);
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
        List<Case> cases = cases(subjects);
        List<String> prompts = cases.stream().map(Case::prompt).toList();
        int distinct = new HashSet<>(prompts).size();
        progress.expect(settings.passes(distinct, subjects.size()));
        progress.says("audit: " + subjects.size() + " pictures, " + distinct + " prompts");
        learn(prompts);
        Portfolio own = portfolio(new Guided(adapted, settings.guidanceScale()));
        Portfolio before = portfolio(new Guided(base, settings.guidanceScale()));
        Portfolio worst = portfolio(new Extrapolated(base, adapted, settings.extrapolation(), false));
        List<Draw> screening = prompts.stream()
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
        Gallery gallery = Gallery.of(subjects.stream().map(AuditSubject::pixels).toList(), embedding);
        List<Evidence> evidence = new ArrayList<>();
        for (Case each : cases) {
            List<Draw> draws = draws(each.prompt(), settings.screeningSeeds());
            Pixels extrapolated = worst.nearest(each, draws);
            evidence.add(new Evidence(
                    own.likeness(each, gallery, draws),
                    before.likeness(each, gallery, draws),
                    TiledDistance.between(each.subject().pixels(), extrapolated),
                    extrapolated,
                    own.magnitude(draws),
                    before.magnitude(draws)));
        }
        List<Evidence> chance = chance(cases, gallery, before);
        Judge judge = new Judge(settings, cases, evidence, chance);
        double edge = edge(before, prompts);
        int[] training = IntStream.range(0, gallery.size())
                .filter(i -> subjects.get(i).role() == Role.TRAINING)
                .toArray();
        SscdShares replicas = embedding.sscd()
                ? new SscdShares(
                        own.similar(screening, gallery, training, SscdShares.BOUND),
                        before.similar(screening, gallery, training, SscdShares.BOUND))
                : null;
        return new AuditResult(
                settings,
                judge.thresholds(),
                edge,
                chance.size(),
                replicas,
                gallery.background(training),
                judged(judge, cases, own, edge));
    }

    /** The base model in the adapted one's place, from other noise than it is measured against. */
    private List<Evidence> chance(List<Case> cases, Gallery gallery, Portfolio before) {
        int count = Math.min(CHANCES, gallery.size());
        List<Case> some = IntStream.range(0, count)
                .mapToObj(i -> cases.get(i * gallery.size() / count))
                .toList();
        List<Draw> others =
                some.stream().flatMap(each -> others(each.prompt()).stream()).toList();
        before.draw(others);
        before.look(others, embedding);
        List<Evidence> chance = new ArrayList<>();
        for (Case each : some) {
            List<Draw> draws = draws(each.prompt(), settings.screeningSeeds());
            Likeness again = before.likeness(each, gallery, others(each.prompt()));
            chance.add(new Evidence(
                    again,
                    before.likeness(each, gallery, draws),
                    again.distance(),
                    again.nearest(),
                    before.magnitude(others(each.prompt())),
                    before.magnitude(draws)));
        }
        return chance;
    }

    /** As many draws as screening has, from seeds that nothing else takes. */
    private List<Draw> others(String prompt) {
        return IntStream.range(0, settings.screeningSeeds())
                .mapToObj(i -> new Draw(prompt, settings.seed() + settings.seeds() + i))
                .toList();
    }

    private List<ImageVerdict> judged(Judge judge, List<Case> cases, Portfolio own, double edge) {
        List<ImageVerdict> verdicts = judge.screened();
        List<Integer> candidates = judge.candidates(verdicts);
        own.draw(candidates.stream()
                .flatMap(place -> draws(cases.get(place).prompt(), settings.seeds()).stream())
                .toList());
        progress.says("audit: the most suspicious drawn from " + settings.seeds() + " seeds");
        for (int place : candidates) {
            Case asked = cases.get(place);
            List<Pixels> drawn = own.pixels(draws(asked.prompt(), settings.seeds()));
            CliqueExam exam = CliqueExam.of(asked.subject().pixels(), drawn, edge);
            verdicts.set(place, judge.examined(verdicts.get(place), place, exam));
        }
        return verdicts;
    }

    /** Every picture under its caption, in the gallery's order; then excluded ones under their creator's name. */
    private static List<Case> cases(List<AuditSubject> subjects) {
        List<Case> cases = new ArrayList<>();
        for (int i = 0; i < subjects.size(); i++) {
            cases.add(new Case(subjects.get(i), i, subjects.get(i).caption()));
        }
        for (int i = 0; i < subjects.size(); i++) {
            AuditSubject subject = subjects.get(i);
            if (subject.role() == Role.EXCLUDED && !subject.creator().isBlank()) {
                cases.add(new Case(subject, i, subject.creator()));
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
        for (Role role : Role.values()) {
            List<AuditSubject> own = new ArrayList<>(
                    pictures.stream().filter(picture -> picture.role() == role).toList());
            Collections.shuffle(own, new Random(settings.seed()));
            kept.addAll(own.subList(0, Math.min(settings.images(), own.size())));
        }
        return pictures.stream().filter(kept::contains).toList();
    }

    private void learn(List<String> prompts) throws IOException {
        List<String> all = new ArrayList<>(prompts);
        all.add("");
        base.learn(all);
        adapted.learn(all);
    }

    private Portfolio portfolio(DrawingRule rule) {
        StableDiffusion model = base.model();
        BatchArtist artist = new BatchArtist(
                model, settings.sampler(), settings.steps(), settings.batchSize(), sideOf(model), progress);
        return new Portfolio(artist, rule);
    }

    private List<Draw> draws(String prompt, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> new Draw(prompt, settings.seed() + i))
                .toList();
    }

    /** The tiled distance that base generations of two different prompts fall below with the probability audit.level. */
    private double edge(Portfolio before, List<String> prompts) {
        List<Draw> first = prompts.stream()
                .distinct()
                .map(prompt -> new Draw(prompt, settings.seed()))
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
