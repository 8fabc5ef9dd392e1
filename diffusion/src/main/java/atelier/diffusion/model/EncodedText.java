package atelier.diffusion.model;

import ai.djl.ndarray.types.Shape;
import atelier.diffusion.tensor.Upload;
import atelier.diffusion.text.PromptEncoder.Conditions;
import atelier.diffusion.text.TextStates;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Text whose states were computed beforehand: the encoders are not trained.
 *
 * @param states one a row, all of one size
 */
public record EncodedText(List<TextStates> states) implements TextConditioning {
    public EncodedText {
        states = List.copyOf(states);
    }

    /** One text for every row. */
    public static EncodedText repeated(TextStates text, int rows) {
        return new EncodedText(Collections.nCopies(rows, text));
    }

    /** The rows of two texts of one size for guidance in one call: all without the prompt, then all with it. */
    public static EncodedText guided(List<TextStates> without, List<TextStates> with) {
        List<TextStates> both = new ArrayList<>(without);
        both.addAll(with);
        return new EncodedText(both);
    }

    @Override
    public Ready prepare(Upload upload) {
        TextStates first = states.get(0);
        int n = states.size();
        float[] all = joined(states.stream().map(TextStates::states).toList());
        float[] ends = joined(states.stream().map(TextStates::pooled).toList());
        Upload.Part sequence = upload.add(all, new Shape(n, first.tokens(), first.width()));
        Upload.Part pooled = ends.length == 0 ? null : upload.add(ends, new Shape(n, first.pooled().length));
        return tape -> new Conditions(tape.input(sequence.array()), pooled == null ? null : tape.input(pooled.array()));
    }

    private static float[] joined(List<float[]> rows) {
        float[] all = new float[rows.size() * rows.get(0).length];
        int at = 0;
        for (float[] row : rows) {
            System.arraycopy(row, 0, all, at, row.length);
            at += row.length;
        }
        return all;
    }
}
