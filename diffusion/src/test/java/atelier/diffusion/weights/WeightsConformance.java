package atelier.diffusion.weights;

import atelier.diffusion.text.ClipTokenizer;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What scripts/conformance/weights asks of this side, by command line. */
public final class WeightsConformance {
    private static final ObjectMapper JSON = new ObjectMapper();

    private WeightsConformance() {}

    public static void main(String[] args) throws IOException {
        switch (args[0]) {
            case "tokenize" -> tokenize(Path.of(args[1]), Path.of(args[2]), Path.of(args[3]));
            default -> throw new IllegalArgumentException("unknown command " + args[0]);
        }
    }

    /** Texts, a JSON string a line, to ids, a JSON array a line. */
    private static void tokenize(Path folder, Path texts, Path ids) throws IOException {
        ClipTokenizer tokenizer = ClipTokenizer.open(folder);
        try (BufferedReader in = Files.newBufferedReader(texts);
                BufferedWriter out = Files.newBufferedWriter(ids)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                out.write(JSON.writeValueAsString(tokenizer.encode(JSON.readValue(line, String.class))));
                out.newLine();
            }
        }
    }
}
