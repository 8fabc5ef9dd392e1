package atelier.evaluation.measure;

import atelier.evaluation.features.FeatureNetwork;
import atelier.evaluation.features.Features;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * One strength's pictures as the feature network sees them.
 *
 * @param arm the pictures
 * @param features of each prompt's pictures
 * @param neutral embeddings of each neutral prompt's pictures
 */
record StrengthFeatures(Strength arm, List<List<Features>> features, List<List<float[]>> neutral) {
    static StrengthFeatures of(Strength arm, FeatureNetwork network) {
        List<List<Features>> features =
                arm.drawings().pictures().stream().map(network::features).toList();
        List<List<float[]>> neutral = arm.neutral().pictures().stream()
                .map(own -> List.of(network.embeddings(own)))
                .toList();
        return new StrengthFeatures(arm, features, neutral);
    }

    /** A figure of each prompt: the mean over its pictures. */
    double[] perPrompt(ToDoubleFunction<Features> figure) {
        return features.stream()
                .mapToDouble(own -> own.stream().mapToDouble(figure).average().orElseThrow())
                .toArray();
    }

    /** All embeddings, prompt by prompt. */
    float[][] embeddings() {
        return features.stream().flatMap(List::stream).map(Features::embedding).toArray(float[][]::new);
    }

    /** The embeddings of each prompt's first picture. */
    float[][] firstEmbeddings() {
        return features.stream().map(own -> own.get(0).embedding()).toArray(float[][]::new);
    }

    List<float[]> neutralEmbeddings() {
        List<float[]> all = new ArrayList<>();
        neutral.forEach(all::addAll);
        return all;
    }
}
