package atelier.evaluation.measure;

import atelier.common.console.Progress;
import atelier.common.file.Sha256;
import atelier.diffusion.tensor.Kernels;
import atelier.evaluation.audit.AuditResult;
import atelier.evaluation.audit.AuditRun;
import atelier.evaluation.audit.AuditSettings;
import atelier.evaluation.audit.detect.PictureEmbedding;
import atelier.evaluation.audit.detect.SscdEmbedding;
import atelier.evaluation.features.ConvolutionalGraph;
import atelier.evaluation.features.EfficientNetLite0;
import atelier.evaluation.features.FeatureNetwork;
import atelier.evaluation.features.SentenceEncoder;
import atelier.evaluation.measure.References.Reference;
import atelier.evaluation.metric.FrechetDistance;
import atelier.evaluation.sampling.DrawSettings;
import atelier.evaluation.sampling.PairedSampler;
import atelier.inference.draw.TextToImage;
import atelier.inference.request.NoiseKind;
import atelier.inference.request.SamplingSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Judges a run: draws with base and adapter from the same noise, measures, and audits what comes back. */
public final class Evaluation {
    /** The kernels to load beside the diffusion model's. */
    public static final List<String> KERNELS =
            List.of(EfficientNetLite0.KERNELS, ConvolutionalGraph.KERNELS, FrechetDistance.KERNELS);

    /** Prompts whose first batch is drawn again at strength 0. */
    private static final int ZERO_CHECKED = 2;

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
        if (references.heldOut().size() < References.FEWEST) {
            progress.says("nothing was held out, so captions that were trained on are drawn;"
                    + " evaluation.held_out=FOLDER or TABLE names pictures of the style that were not");
        }
        settings.requireSeveral(prompts.size());
        progress.expect(settings.passes(prompts.size()));
        long audited = audit == null ? 0 : auditPasses(audit, references);
        progress.expect(audited);
        List<Strength> arms =
                timed("drawing", () -> new StrengthDrawer(settings, sampler, progress).draw(prompts, references));
        boolean zero =
                timed("strength 0", () -> sampler.zeroEqualsBase(arms.get(0).drawings(), ZERO_CHECKED));
        progress.says("measuring");
        RunMeasures.Measured measured = timed(
                "measuring",
                () -> new RunMeasures(settings, network, sentences, given).measure(arms, prompts, references));
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
                measured.check(),
                measured.baseSkew(),
                measured.adaptedSkew(),
                measured.examples(),
                found,
                seconds,
                Verdicts.broken(settings.limits(), Verdicts.figures(measured.measures()), null));
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
        facts.put("run", run.name());
        facts.put("base model", run.modelName());
        facts.put("adapter", run.adapter().getFileName().toString());
        facts.put("adapter sha256", Sha256.of(run.adapter()));
        facts.put("ledger sha256", Sha256.of(run.ledger()));
        facts.putAll(run.facts());
        facts.put("training pictures", String.valueOf(references.training().size()));
        facts.put(EvaluationResult.HELD_OUT, String.valueOf(references.heldOut().size()));
        facts.put("excluded pictures", String.valueOf(references.excluded()));
        facts.put(
                "generations",
                prompts.size() + " prompts x " + settings.seedsOf(prompts.size()) + " seeds at strengths "
                        + settings.strengths()
                        + ", " + side + " pixels, " + settings.sampler().key() + ", " + settings.steps()
                        + " steps, guidance " + settings.guidanceScale() + ", seeds from " + settings.seed());
        facts.put("number of pictures", number(prompts.size()));
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
        facts.put("style measure", StyleFigures.METHOD);
        facts.putAll(given.facts());
        facts.put(
                "intervals",
                Math.round(100 * settings.confidence()) + " %, " + settings.draws()
                        + " draws over prompts with replacement; p-values by sign flips, Holm-corrected");
        return facts;
    }

    private String number(int prompts) {
        int each = settings.seedsOf(prompts);
        return String.format(
                Locale.ROOT,
                "%d a prompt of up to %d (evaluation.seeds): the interval of a share is expected within %.1f points on"
                        + " either side at worst, where half the pictures count and those of a prompt correlate by 0.5;"
                        + " %s",
                each,
                settings.seeds(),
                100 * settings.expectedHalfWidth(prompts, each),
                settings.halfWidth() == 0
                        ? "evaluation.half_width=0 draws all"
                        : String.format(
                                Locale.ROOT,
                                "asked for are %.1f points (evaluation.half_width)",
                                100 * settings.halfWidth()));
    }
}
