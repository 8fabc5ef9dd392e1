package atelier.evaluation.sampling;

import atelier.diffusion.model.EncodedText;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.model.TextConditioning;
import atelier.diffusion.text.TextStates;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** A model's states of many captions, each encoded once; the text encoders are let go afterwards. */
public final class EncodedCaptions implements TextConditioning.Source {
    /** Captions encoded at once. */
    private static final int TEXTS = 32;

    private final StableDiffusion model;
    private final Map<String, TextStates> states = new HashMap<>();

    /** @param model stays the caller's */
    public EncodedCaptions(StableDiffusion model) {
        this.model = model;
    }

    public StableDiffusion model() {
        return model;
    }

    /** Encodes what {@link #of} will be asked for, and lets the text encoders go. */
    public void encode(List<String> captions) throws IOException {
        List<String> missing = new ArrayList<>(new LinkedHashSet<>(captions));
        missing.removeIf(states::containsKey);
        for (int from = 0; from < missing.size(); from += TEXTS) {
            List<String> part = missing.subList(from, Math.min(from + TEXTS, missing.size()));
            List<TextStates> encoded = model.prompts().encode(part, 0);
            for (int i = 0; i < part.size(); i++) {
                states.put(part.get(i), encoded.get(i));
            }
        }
        model.releasePrompts();
    }

    /** @throws IllegalStateException for a caption that was not encoded */
    @Override
    public EncodedText of(List<String> captions) {
        return new EncodedText(captions.stream().map(this::states).toList());
    }

    private TextStates states(String caption) {
        TextStates known = states.get(caption);
        if (known == null) {
            throw new IllegalStateException("the words '" + caption + "' were not encoded before they were drawn");
        }
        return known;
    }
}
