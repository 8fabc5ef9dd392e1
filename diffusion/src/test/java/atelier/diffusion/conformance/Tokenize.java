package atelier.diffusion.conformance;

import atelier.diffusion.text.ClipTokenizer;
import atelier.diffusion.weights.safetensors.DType;
import atelier.diffusion.weights.safetensors.SafetensorsWriter;
import atelier.diffusion.weights.safetensors.TensorView;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;

/**
 * Captions through a tokenizer. Arguments are key=value: tokenizer (a folder), captions (a JSON array of texts), outputs (a
 * safetensors file with out.ids).
 */
public final class Tokenize {
    private Tokenize() {}

    public static void main(String[] arguments) throws IOException {
        Map<String, String> options = Options.of(arguments);
        ClipTokenizer tokenizer = ClipTokenizer.open(Path.of(options.get("tokenizer")));
        String[] captions =
                new ObjectMapper().readValue(Path.of(options.get("captions")).toFile(), String[].class);
        int length = tokenizer.maxLength();
        ByteBuffer ids = ByteBuffer.allocate(captions.length * length * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (String caption : captions) {
            for (int id : tokenizer.encode(caption)) {
                ids.putInt(id);
            }
        }
        TensorView out = new TensorView(DType.I32, new long[] {captions.length, length}, ids.flip());
        SafetensorsWriter.write(Path.of(options.get("outputs")), Map.of("out.ids", out), Map.of());
    }
}
