package atelier.evaluation.features;

import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2.AllMiniLmL6V2EmbeddingModel;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What texts mean, as vectors of length 1 whose cosine says how much two texts have to do with each other:
 * all-MiniLM-L6-v2 (Reimers and Gurevych 2019; Apache-2.0). Each text is encoded once.
 */
public final class SentenceEncoder {
    /** The name under which figures are reported. */
    public static final String NAME = "all-MiniLM-L6-v2";

    private static final int WIDTH = 384;

    private final Map<String, float[]> known = new ConcurrentHashMap<>();
    private final EmbeddingModel model = new AllMiniLmL6V2EmbeddingModel(Runnable::run);

    /** A text's vector, [384]: zeros for a blank text, which is like no other. */
    public float[] embed(String text) {
        return known.computeIfAbsent(
                text,
                key -> key.isBlank()
                        ? new float[WIDTH]
                        : model.embed(key).content().vector());
    }

    /** The vectors of several texts. */
    public List<float[]> embed(List<String> texts) {
        return texts.stream().map(this::embed).toList();
    }
}
