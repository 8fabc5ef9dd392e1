package atelier.evaluation.measure;

import atelier.common.console.Progress;
import atelier.common.image.Pixels;
import atelier.diffusion.tensor.Kernels;
import atelier.evaluation.features.ClipModel;
import atelier.evaluation.features.ConvolutionalGraph;
import atelier.evaluation.features.NetworkFolder;
import atelier.evaluation.features.PictureTower;
import atelier.evaluation.measure.Measure.Better;
import atelier.evaluation.measure.References.Reference;
import atelier.evaluation.metric.FrechetDistance;
import atelier.evaluation.statistics.Interval;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** Figures by networks of the user's own; each stands under a network's name only where its weights are given. */
final class ExternalNetworkFigures {
    private final EvaluationSettings settings;
    private final Kernels kernels;
    private final Progress progress;
    private final List<Measure> measures = new ArrayList<>();
    private final Map<String, String> facts = new LinkedHashMap<>();

    ExternalNetworkFigures(EvaluationSettings settings, Kernels kernels, Progress progress) {
        this.settings = settings;
        this.kernels = kernels;
        this.progress = progress;
    }

    /** Refuses folders that hold no such network, before anything is drawn. */
    static void check(EvaluationSettings settings) throws IOException {
        Map<String, Path> folders = new LinkedHashMap<>();
        if (settings.sscd() != null) {
            folders.put("sscd", settings.sscd());
        }
        if (settings.csd() != null) {
            folders.put("csd", settings.csd());
        }
        if (settings.inception() != null) {
            folders.put("inception", settings.inception());
        }
        for (Map.Entry<String, Path> folder : folders.entrySet()) {
            NetworkFolder.open(folder.getKey(), folder.getValue());
        }
    }

    /**
     * All figures.
     *
     * @param own pictures of the style
     * @param training pictures that were trained on
     */
    List<Measure> measures(List<Strength> arms, List<String> prompts, List<Reference> own, List<Reference> training)
            throws IOException {
        Path clip = settings.clip();
        if (clip != null) {
            progress.says("measuring with " + clip);
            try (ClipModel model = ClipModel.load(clip, kernels)) {
                measures.addAll(new ClipFigures(settings, model).measures(arms, prompts, own));
            }
        }
        Path csd = settings.csd();
        if (csd != null) {
            progress.says("measuring with " + csd);
            try (PictureTower tower = PictureTower.csd(csd, kernels)) {
                facts.put("CSD", tower.source());
                measures.add(style(tower, arms, pixels(own)));
            }
        }
        Path inception = settings.inception();
        if (inception != null) {
            progress.says("measuring with " + inception);
            try (ConvolutionalGraph network = ConvolutionalGraph.inception(inception, kernels)) {
                facts.put("Inception", network.source());
                distances(network, arms, pixels(training));
            }
        }
        return measures;
    }

    /** What the networks were, and which of their figures are not shown, and why; known once measured. */
    Map<String, String> facts() {
        return facts;
    }

    /** Keeps what a network was that is used elsewhere. */
    void note(String network, String source) {
        facts.put(network, source);
    }

    private static List<Pixels> pixels(List<Reference> references) {
        return references.stream().map(Reference::pixels).toList();
    }

    private Measure style(PictureTower tower, List<Strength> arms, List<Pixels> own) {
        List<float[]> style = tower.pictures(own);
        double[] among = new double[style.size()];
        for (int i = 0; i < among.length; i++) {
            List<float[]> others = new ArrayList<>(style);
            others.remove(i);
            among[i] = ClipFigures.likeness(List.of(style.get(i)), others);
        }
        Interval ceiling = Measure.interval(among, settings.resampling());
        List<double[]> values = arms.stream()
                .map(arm -> arm.drawings().pictures().stream()
                        .mapToDouble(pictures -> ClipFigures.likeness(tower.pictures(pictures), style))
                        .toArray())
                .toList();
        return Measure.ofUnits(
                "csd.style",
                "CSD",
                String.format(
                        Locale.ROOT,
                        "mean cosine of a picture and the %d pictures of the style in your CSD; among these themselves:"
                                + " %.3f",
                        own.size(),
                        ceiling.value()),
                Better.HIGHER,
                settings.strengths(),
                values,
                settings.resampling());
    }

    private void distances(ConvolutionalGraph network, List<Strength> arms, List<Pixels> training) {
        float[][] real = network.embeddings(training);
        List<float[][]> drawn = arms.stream()
                .map(arm -> network.embeddings(arm.drawings().all()))
                .toList();
        int generations = drawn.get(0).length;
        String counts = generations + " generations and " + real.length + " training pictures";
        if (real.length >= 2 && generations >= 2) {
            sets(
                    "kid.inception",
                    "KID (Inception)",
                    ContentFigures.kidMeaning("FID's Inception's features"),
                    drawn,
                    own -> ContentFigures.kid(own, real, settings.seed()));
        } else {
            facts.put("KID (Inception)", "not shown: " + counts + ", and two of each are needed");
        }
        if (generations >= FrechetDistance.FEWEST && real.length >= FrechetDistance.FEWEST) {
            sets(
                    "fid",
                    "FID",
                    "Frechet distance of " + counts + " in FID's Inception",
                    drawn,
                    own -> ContentFigures.exactly(FrechetDistance.of(own, real, kernels)));
        } else {
            facts.put(
                    "FID",
                    String.format(
                            Locale.ROOT,
                            "not shown: %s, and %,d of each are needed (evaluation.prompts, seeds and references)",
                            counts,
                            FrechetDistance.FEWEST));
        }
    }

    private void sets(
            String key, String title, String meaning, List<float[][]> drawn, Function<float[][], Interval> figure) {
        measures.add(Measure.ofSets(
                key,
                title,
                meaning,
                Better.LOWER,
                settings.strengths(),
                drawn.stream().map(figure).toList()));
    }
}
