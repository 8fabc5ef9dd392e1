package atelier.trainer.loop;

import atelier.diffusion.model.EncodedText;
import atelier.diffusion.model.TextConditioning;
import atelier.diffusion.model.TrainedText;
import atelier.diffusion.text.PromptEncoder;
import atelier.diffusion.text.TextStates;
import atelier.trainer.step.StepPlan;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pass as it is sent to a copy of the network in another process, as numbers and captions: some 0.3 MB for a picture of
 * 512 x 512, which is neither read nor judged nor encoded there.
 *
 * @param step of the run, from 1
 * @param share of the step's examples that are in this pass
 * @param lossScale what gradients come multiplied by
 */
@SuppressWarnings("ArrayRecordComponent") // sent, never compared
public record SentPass(long step, double share, double lossScale, Latents latents, Text text, Loss loss)
        implements Serializable {
    private static final long serialVersionUID = 1L;

    /** As in {@link StepPlan}. */
    @SuppressWarnings("ArrayRecordComponent")
    record Latents(float[] noisy, float[] target, int[] timesteps, long[] shape, float[] sizes)
            implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    /**
     * The text of all rows.
     *
     * @param captions where text encoders are trained; else none
     * @param states row-major [tokens, width] of each row; none where there are captions
     * @param pooled of each row, as in {@link TextStates}
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Text(List<String> captions, List<float[]> states, List<float[]> pooled, int tokens, int width)
            implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    /** What weighs in the loss, as in {@link StepPlan}. */
    @SuppressWarnings("ArrayRecordComponent")
    record Loss(double[] weights, float @Nullable [] mask) implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    static SentPass of(StepPlan plan, long step, double share, double lossScale) {
        Latents latents = new Latents(plan.noisy(), plan.target(), plan.timesteps(), plan.shape(), plan.sizes());
        return new SentPass(step, share, lossScale, latents, text(plan.text()), new Loss(plan.weights(), plan.mask()));
    }

    private static Text text(TextConditioning text) {
        if (text instanceof TrainedText trained) {
            return new Text(new ArrayList<>(trained.captions()), List.of(), List.of(), 0, 0);
        }
        if (text instanceof EncodedText encoded) {
            List<TextStates> rows = encoded.states();
            return new Text(
                    List.of(),
                    new ArrayList<>(rows.stream().map(TextStates::states).toList()),
                    new ArrayList<>(rows.stream().map(TextStates::pooled).toList()),
                    rows.get(0).tokens(),
                    rows.get(0).width());
        }
        throw new IllegalArgumentException(text.getClass() + " cannot be sent");
    }

    /**
     * The pass for a copy of the network.
     *
     * @param encoder of captions; asked for where text encoders are trained
     */
    StepPlan plan(Encoder encoder) throws IOException {
        TextConditioning conditioning;
        if (text.captions().isEmpty()) {
            List<TextStates> rows = new ArrayList<>();
            for (int i = 0; i < text.states().size(); i++) {
                rows.add(new TextStates(
                        text.states().get(i),
                        text.tokens(),
                        text.width(),
                        text.pooled().get(i)));
            }
            conditioning = new EncodedText(rows);
        } else {
            conditioning = new TrainedText(encoder.get(), text.captions());
        }
        StepPlan.NoisedLatents noised =
                new StepPlan.NoisedLatents(latents.noisy(), latents.target(), latents.timesteps(), latents.shape());
        return new StepPlan(noised, conditioning, latents.sizes(), loss.weights(), loss.mask());
    }

    /** Where a copy's text encoders come from. */
    @FunctionalInterface
    interface Encoder {
        PromptEncoder get() throws IOException;
    }

    /**
     * What came of it.
     *
     * @param loss times the pass's share
     * @param gradients of this pass alone, in the order of {@link TrainableWeights#gradients}
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Result(double loss, float[] gradients) implements Serializable {
        private static final long serialVersionUID = 1L;
    }
}
