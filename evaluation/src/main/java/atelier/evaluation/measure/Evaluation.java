package atelier.evaluation.measure;

import atelier.common.console.Progress;
import atelier.common.file.Sha256;
import atelier.common.image.Pixels;
import atelier.diffusion.tensor.Kernels;
import atelier.evaluation.audit.AuditResult;
import atelier.evaluation.audit.AuditRun;
import atelier.evaluation.audit.AuditSettings;
import atelier.evaluation.audit.detect.PictureEmbedding;
import atelier.evaluation.audit.detect.SscdEmbedding;
import atelier.evaluation.features.ConvolutionalGraph;
import atelier.evaluation.features.EfficientNetLite0;
import atelier.evaluation.features.FeatureNetwork;
import atelier.evaluation.features.Features;
import atelier.evaluation.features.SentenceEncoder;
import atelier.evaluation.measure.EvaluationResult.Example;
import atelier.evaluation.measure.EvaluationResult.StyleRow;
import atelier.evaluation.measure.References.Reference;
import atelier.evaluation.metric.FrechetDistance;
import atelier.evaluation.metric.Retrieval;
import atelier.evaluation.metric.Skew;
import atelier.evaluation.sampling.DrawSettings;
import atelier.evaluation.sampling.PairedSampler;
import atelier.inference.draw.TextToImage;
import atelier.inference.request.NoiseKind;
import atelier.inference.request.SamplingSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Judges a run: draws with base and adapter from the same noise, measures, and audits what comes back. */
public final class Evaluation {
    /** The kernels to load beside the diffusion model's. */
    public static final List<String> KERNELS =
            List.of(EfficientNetLite0.KERNELS, ConvolutionalGraph.KERNELS, FrechetDistance.KERNELS);

    /** Prompts whose first batch is drawn again at strength 0. */
    private static final int ZERO_CHECKED = 2;

    private static final int SHIFTED_WORDS = 12;

    private final EvaluationSettings settings;
    private final @Nullable AuditSettings audit;
    private final EvaluatedRun run;
    private final Kernels kernels;
    private final FeatureNetwork network;
    private final Progress progress;
    private final SentenceEncoder sentences = new SentenceEncoder();
    private final ExternalNetworkFigures given;
    private final Map<String, Double> seconds = new LinkedHashMap<>();

    /**
     * @param audit null for none
     * @param kernels with {@link #KERNELS} among them; they stay the caller's
     * @param network stays the caller's
     * @param progress hears what happens
     */
    public Evaluation(
            EvaluationSettings settings,
            @Nullable AuditSettings audit,
            EvaluatedRun run,
            Kernels kernels,
            FeatureNetwork network,
            Progress progress) {
        this.settings = settings;
        this.audit = audit;
        this.run = run;
        this.kernels = kernels;
        this.network = network;
        this.progress = progress;
        given = new ExternalNetworkFigures(settings, kernels, progress);
    }

    /** A stage that is timed. */
    @FunctionalInterface
    private interface Stage<T> {
        T work() throws IOException;
    }

    private <T> T timed(String name, Stage<T> stage) throws IOException {
        long start = System.nanoTime();
        T result = stage.work();
        seconds.put(name, (System.nanoTime() - start) / 1e9);
        return result;
    }

    /** Does all of it. */
    public EvaluationResult evaluate() throws IOException {
        ExternalNetworkFigures.check(settings);
        PairedSampler sampler = sampler();
        int side = sampler.with(0, model -> new TextToImage(model).nativeSize());
        References references = timed("reading", () -> References.read(run, settings, side));
        List<String> prompts = references.prompts(settings.prompts());
        progress.expect(settings.passes(prompts.size()));
        long audited = audit == null ? 0 : auditPasses(audit, references);
        progress.expect(audited);
        List<Strength> arms =
                timed("drawing", () -> new StrengthDrawer(settings, sampler, progress).draw(prompts, references));
        boolean zero =
                timed("strength 0", () -> sampler.zeroEqualsBase(arms.get(0).drawings(), ZERO_CHECKED));
        progress.says("measuring");
        Measured measured = timed("measuring", () -> measure(arms, prompts, references));
        // The audit knows better by now, and says so itself.
        progress.expect(-audited);
        AuditResult found = audit == null ? null : timed("audit", () -> audit(audit));
        return new EvaluationResult(
                run,
                settings,
                facts(references, prompts, side),
                zero,
                prompts,
                measured.measures(),
                measured.styles(),
                measured.baseSkew(),
                measured.adaptedSkew(),
                measured.examples(),
                found,
                seconds,
                Verdicts.broken(settings.limits(), Verdicts.figures(measured.measures()), null));
    }

    private record Measured(
            List<Measure> measures,
            List<StyleRow> styles,
            List<Skew.Word> baseSkew,
            List<Skew.Word> adaptedSkew,
            List<Example> examples) {}

    private Measured measure(List<Strength> arms, List<String> prompts, References references) throws IOException {
        List<StrengthFeatures> seen =
                arms.stream().map(arm -> StrengthFeatures.of(arm, network)).toList();
        List<Features> own = features(references.own());
        Map<String, List<Features>> foils = new LinkedHashMap<>();
        references.foils().forEach((name, pictures) -> foils.put(name, features(pictures)));
        Retrieval retrieval = new Retrieval();
        add(retrieval, references.own(), own);
        references
                .foils()
                .forEach((name, pictures) -> addKnown(retrieval, pictures, foils.getOrDefault(name, List.of())));
        List<Reference> used = spread(references.training(), settings.references());
        float[][] training = features(used).stream().map(Features::embedding).toArray(float[][]::new);

        List<Measure> measures = new ArrayList<>();
        List<StyleRow> styles = List.of();
        StrengthFeatures full = seen.get(seen.size() - 1);
        double[] margins = new double[prompts.size()];
        Arrays.fill(margins, Double.NaN);
        if (!foils.isEmpty()) {
            StyleFigures style = new StyleFigures(settings, own, foils);
            measures.addAll(style.measures(seen));
            styles = style.rows(seen);
            margins = style.margins(full);
        }
        measures.addAll(new ContentFigures(settings, seen).measures(prompts, retrieval, training));
        measures.add(new CaptionFigures(settings, sentences).measure(seen, prompts, retrieval));
        measures.addAll(given.measures(arms, prompts, references.own(), used));
        Skew skew = new Skew(used.stream().map(Reference::caption).toList(), List.of(training), settings.confidence());
        return new Measured(
                measures,
                styles,
                skew.count(seen.get(0).neutralEmbeddings(), settings.attributes(), SHIFTED_WORDS),
                skew.count(full.neutralEmbeddings(), settings.attributes(), SHIFTED_WORDS),
                examples(
                        arms,
                        prompts,
                        references,
                        ContentFigures.ranks(full, prompts, retrieval, Integer::doubleValue),
                        margins));
    }

    private List<Features> features(List<Reference> references) {
        return network.features(references.stream().map(Reference::pixels).toList());
    }

    private static void add(Retrieval retrieval, List<Reference> references, List<Features> features) {
        for (int i = 0; i < references.size(); i++) {
            retrieval.add(references.get(i).caption(), features.get(i).embedding());
        }
    }

    /** Other hands' drawings of the same captions; captions of theirs alone would be rivals without cause. */
    private static void addKnown(Retrieval retrieval, List<Reference> references, List<Features> features) {
        for (int i = 0; i < references.size(); i++) {
            if (retrieval.knows(references.get(i).caption())) {
                retrieval.add(references.get(i).caption(), features.get(i).embedding());
            }
        }
    }

    private static List<Reference> spread(List<Reference> all, int most) {
        if (most == 0 || all.size() <= most) {
            return all;
        }
        List<Reference> spread = new ArrayList<>();
        for (int i = 0; i < most; i++) {
            spread.add(all.get((int) ((long) i * all.size() / most)));
        }
        return spread;
    }

    private static List<Example> examples(
            List<Strength> arms, List<String> prompts, References references, double[] ranks, double[] margins) {
        Map<String, Pixels> own = new LinkedHashMap<>();
        references.own().forEach(reference -> own.putIfAbsent(reference.caption(), reference.pixels()));
        List<Example> examples = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            int prompt = i;
            List<Pixels> pictures = arms.stream()
                    .map(arm -> arm.drawings().pictures().get(prompt).get(0))
                    .toList();
            examples.add(new Example(prompts.get(i), own.get(prompts.get(i)), pictures, ranks[i], margins[i]));
        }
        return examples;
    }

    private AuditResult audit(AuditSettings asked) throws IOException {
        Path sscd = settings.sscd();
        if (sscd == null) {
            return audit(asked, network::embeddings);
        }
        try (ConvolutionalGraph looking = ConvolutionalGraph.sscd(sscd, kernels)) {
            given.note("SSCD", looking.source());
            return audit(asked, new SscdEmbedding(looking));
        }
    }

    private AuditResult audit(AuditSettings asked, PictureEmbedding embedding) throws IOException {
        return AuditRun.of(asked, run.model(), run.adapter(), run.data(), run.ledger(), kernels, embedding, progress);
    }

    private static long auditPasses(AuditSettings audit, References references) {
        int most = audit.images() == 0 ? Integer.MAX_VALUE : audit.images();
        int excluded = Math.min(most, references.excluded());
        int pictures = Math.min(most, references.training().size())
                + Math.min(most, references.heldOut().size())
                + excluded;
        return audit.passes(pictures + excluded, pictures);
    }

    private PairedSampler sampler() {
        SamplingSettings sampling = new SamplingSettings(
                settings.steps(),
                settings.sampler(),
                null,
                null,
                settings.guidanceScale(),
                0,
                0,
                1,
                0,
                NoiseKind.TORCH);
        return new PairedSampler(
                run.model().source(),
                run.adapter(),
                kernels,
                run.model().dtype(),
                new DrawSettings(sampling, "", 0, settings.batchSize()));
    }

    private Map<String, String> facts(References references, List<String> prompts, int side) throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("run", run.folder().toString());
        facts.put("base model", run.model().requirePath().toString());
        facts.put("adapter", run.adapter().getFileName().toString());
        facts.put("adapter sha256", Sha256.of(run.adapter()));
        facts.put("ledger sha256", Sha256.of(run.ledger()));
        facts.putAll(run.facts());
        facts.put("training pictures", String.valueOf(references.training().size()));
        facts.put("held-out pictures", String.valueOf(references.heldOut().size()));
        facts.put("excluded pictures", String.valueOf(references.excluded()));
        facts.put(
                "generations",
                prompts.size() + " prompts x " + settings.seeds() + " seeds at strengths " + settings.strengths()
                        + ", " + side + " pixels, " + settings.sampler().key() + ", " + settings.steps()
                        + " steps, guidance " + settings.guidanceScale() + ", seeds from " + settings.seed());
        facts.put(
                "prompts and the captions trained on",
                new CaptionFigures(settings, sentences)
                        .novelty(
                                prompts,
                                references.training().stream()
                                        .map(Reference::caption)
                                        .distinct()
                                        .toList()));
        facts.put("features", network.source());
        facts.putAll(given.facts());
        facts.put(
                "intervals",
                Math.round(100 * settings.confidence()) + " %, " + settings.draws()
                        + " draws over prompts with replacement; p-values by sign flips, Holm-corrected");
        return facts;
    }
}
