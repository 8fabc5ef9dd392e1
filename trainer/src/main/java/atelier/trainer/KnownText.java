package atelier.trainer;

import ai.djl.ndarray.types.Shape;
import atelier.diffusion.tensor.Activation;
import atelier.diffusion.tensor.Tape;
import atelier.diffusion.text.PromptEncoder.Conditions;
import atelier.diffusion.text.TextStates;
import java.util.List;

/**
 * Text whose states were computed beforehand: the encoders do not learn.
 *
 * @param states one an example, all of one size
 */
record KnownText(List<TextStates> states) implements StepText {
    @Override
    public Conditions on(Tape tape) {
        TextStates first = states.get(0);
        int n = states.size();
        float[] all = joined(states.stream().map(TextStates::states).toList());
        float[] ends = joined(states.stream().map(TextStates::pooled).toList());
        return new Conditions(
                input(tape, all, new Shape(n, first.tokens(), first.width())),
                ends.length == 0 ? null : input(tape, ends, new Shape(n, first.pooled().length)));
    }

    private static Activation input(Tape tape, float[] values, Shape shape) {
        return tape.input(tape.scope().create(values, shape));
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
