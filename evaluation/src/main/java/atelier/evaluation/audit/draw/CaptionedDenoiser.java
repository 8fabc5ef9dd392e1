package atelier.evaluation.audit.draw;

import ai.djl.ndarray.NDManager;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Activation;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.Tape;
import atelier.diffusion.text.TextStates;
import atelier.diffusion.unet.UNet;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** A model's UNet over a batch in which every row has words of its own; each text is encoded once. */
public final class CaptionedDenoiser {
    /** Captions encoded at once. */
    private static final int TEXTS = 32;

    private final StableDiffusion model;
    private final Map<String, TextStates> words = new HashMap<>();

    /** @param model stays the caller's */
    public CaptionedDenoiser(StableDiffusion model) {
        this.model = model;
    }

    public StableDiffusion model() {
        return model;
    }

    /** Encodes what {@link #predict} will be asked with, and lets the text encoders go. */
    public void encode(List<String> texts) throws IOException {
        List<String> missing = new ArrayList<>(new LinkedHashSet<>(texts));
        missing.removeIf(words::containsKey);
        for (int from = 0; from < missing.size(); from += TEXTS) {
            List<String> part = missing.subList(from, Math.min(from + TEXTS, missing.size()));
            List<TextStates> states = model.prompts().encode(part, 0);
            for (int i = 0; i < part.size(); i++) {
                words.put(part.get(i), states.get(i));
            }
        }
        model.releasePrompts();
    }

    /**
     * The network's output.
     *
     * @param latents [rows, channels, height, width], flattened, square
     * @param texts one a row, each known to {@link #encode}
     */
    public float[] predict(float[] latents, double timestep, List<String> texts) {
        int rows = texts.size();
        List<TextStates> states = texts.stream().map(this::states).toList();
        try (Tape tape = Tape.inference(model.kernels(), model.kernels().manager())) {
            NDManager scope = tape.scope();
            UNet unet = model.unet();
            int channels = unet.config().inChannels();
            int side = (int) Math.round(Math.sqrt(latents.length / (double) (rows * channels)));
            float[] times = new float[rows];
            Arrays.fill(times, (float) timestep);
            TextStates first = states.get(0);
            Activation text = tape.input(StableDiffusion.array(
                    scope, joined(states, TextStates::states), rows, first.tokens(), first.width()));
            UNet.AddedConditions added = unet.config().textTime() ? added(tape, states, side) : null;
            return HostCopy.floats(unet.forward(
                            tape,
                            StableDiffusion.array(scope, latents, rows, channels, side, side),
                            StableDiffusion.array(scope, times, rows),
                            text,
                            added)
                    .value());
        }
    }

    private TextStates states(String text) {
        TextStates states = words.get(text);
        if (states == null) {
            throw new IllegalStateException("the words '" + text + "' were not encoded before they were drawn");
        }
        return states;
    }

    /** SDXL's pooled text, and sizes: the picture's own, uncropped. */
    private UNet.AddedConditions added(Tape tape, List<TextStates> states, int side) {
        float pixels = (float) side * model.autoencoderConfig().factor();
        float[] sizes = new float[6 * states.size()];
        for (int row = 0; row < states.size(); row++) {
            sizes[6 * row] = pixels;
            sizes[6 * row + 1] = pixels;
            sizes[6 * row + 4] = pixels;
            sizes[6 * row + 5] = pixels;
        }
        int width = states.get(0).pooled().length;
        return new UNet.AddedConditions(
                tape.input(
                        StableDiffusion.array(tape.scope(), joined(states, TextStates::pooled), states.size(), width)),
                StableDiffusion.array(tape.scope(), sizes, states.size(), 6));
    }

    private static float[] joined(List<TextStates> states, Function<TextStates, float[]> part) {
        int own = part.apply(states.get(0)).length;
        float[] all = new float[states.size() * own];
        for (int row = 0; row < states.size(); row++) {
            System.arraycopy(part.apply(states.get(row)), 0, all, row * own, own);
        }
        return all;
    }
}
