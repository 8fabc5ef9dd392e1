package atelier.evaluation.measure;

import atelier.evaluation.features.ClipModel;
import atelier.evaluation.measure.Measure.Better;
import atelier.evaluation.measure.References.Reference;
import atelier.evaluation.statistics.Vectors;
import java.util.ArrayList;
import java.util.List;

/** What the user's CLIP says of every prompt's pictures. */
final class ClipFigures {
    private final EvaluationSettings settings;
    private final ClipModel clip;

    ClipFigures(EvaluationSettings settings, ClipModel clip) {
        this.settings = settings;
        this.clip = clip;
    }

    /**
     * CLIPScore, 100 max(cos, 0) of picture and prompt (Hessel et al. 2021), and the mean cosine of a picture and the
     * style's own pictures.
     */
    List<Measure> measures(List<Strength> arms, List<String> prompts, List<Reference> own) {
        List<float[]> words = prompts.stream().map(clip::words).toList();
        List<float[]> style = clip.pictures(own.stream().map(Reference::pixels).toList());
        List<double[]> scores = new ArrayList<>();
        List<double[]> likeness = new ArrayList<>();
        for (Strength arm : arms) {
            double[] score = new double[prompts.size()];
            double[] like = new double[prompts.size()];
            for (int prompt = 0; prompt < score.length; prompt++) {
                List<float[]> pictures = clip.pictures(arm.drawings().pictures().get(prompt));
                for (float[] picture : pictures) {
                    score[prompt] += 100 * Math.max(0, Vectors.cosine(picture, words.get(prompt))) / pictures.size();
                }
                like[prompt] = likeness(pictures, style);
            }
            scores.add(score);
            likeness.add(like);
        }
        return List.of(
                measure("clip.score", "CLIPScore", "100 max(cosine, 0) of picture and prompt in your CLIP", scores),
                measure(
                        "clip.style",
                        "CLIP likeness to the style's pictures",
                        "mean cosine of a picture and the " + own.size() + " pictures of the style in your CLIP",
                        likeness));
    }

    /** The mean cosine of some pictures and those of the style. */
    static double likeness(List<float[]> pictures, List<float[]> style) {
        return pictures.stream()
                .flatMapToDouble(picture -> style.stream().mapToDouble(each -> Vectors.cosine(picture, each)))
                .average()
                .orElse(Double.NaN);
    }

    private Measure measure(String key, String title, String meaning, List<double[]> values) {
        return Measure.ofUnits(key, title, meaning, Better.HIGHER, settings.strengths(), values, settings.resampling());
    }
}
