package atelier.trainer.prepare;

import atelier.common.file.Sha256;
import atelier.diffusion.model.EncodedText;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.model.TextConditioning;
import atelier.diffusion.text.LongPrompts;
import atelier.diffusion.text.TextStates;
import atelier.trainer.cache.CacheFolder;
import atelier.trainer.cache.TensorCache;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Text states of captions, encoded once: on disk under the caption and the encoder's weights, in memory while few. */
public final class TextCache implements TextConditioning.Source {
    /** Counts up when states change with the code that encodes captions. */
    private static final String VERSION = "2";

    private static final int BATCH = 16;
    /** Numbers held in memory at most: a quarter of a GiB. */
    private static final long MEMORY = 1L << 26;

    private final StableDiffusion model;
    private final TensorCache disk;
    private final String encoder;
    private final int windows;
    private final Map<String, TextStates> memory = new HashMap<>();
    private long held;

    /**
     * @param encoderDigest of the tokenizers, and of the text encoders' weights, configuration and precision
     * @param windows of 75 tokens that every caption gets
     */
    public TextCache(StableDiffusion model, CacheFolder caches, String encoderDigest, int windows) throws IOException {
        this.model = model;
        this.encoder = TensorCache.key(VERSION, encoderDigest, model.kernels().arithmetic(), Integer.toString(windows));
        this.windows = windows;
        this.disk = caches.of("texts", encoder);
    }

    /** Encodes all captions that are not known yet. */
    public void fill(Collection<String> captions) throws IOException {
        Set<String> missing = new LinkedHashSet<>();
        for (String caption : captions) {
            if (!memory.containsKey(caption) && find(caption).isEmpty()) {
                missing.add(caption);
            }
        }
        List<String> all = new ArrayList<>(missing);
        for (int i = 0; i < all.size(); i += BATCH) {
            List<String> part = all.subList(i, Math.min(i + BATCH, all.size()));
            List<TextStates> states = LongPrompts.encode(model.prompts(), part, windows, 0);
            for (int j = 0; j < part.size(); j++) {
                store(part.get(j), states.get(j));
            }
        }
    }

    @Override
    public TextConditioning of(List<String> captions) throws IOException {
        List<TextStates> states = new ArrayList<>();
        for (String caption : captions) {
            states.add(states(caption));
        }
        return new EncodedText(states);
    }

    /** The states of one caption. */
    TextStates states(String caption) throws IOException {
        TextStates known = memory.get(caption);
        if (known != null) {
            return known;
        }
        Optional<TextStates> found = find(caption);
        if (found.isPresent()) {
            return found.get();
        }
        TextStates made = LongPrompts.encode(model.prompts(), List.of(caption), windows, 0)
                .get(0);
        store(caption, made);
        return made;
    }

    private Optional<TextStates> find(String caption) throws IOException {
        Optional<TensorCache.Entry> states = disk.get(key("states", caption));
        Optional<TensorCache.Entry> pooled = disk.get(key("pooled", caption));
        if (states.isEmpty() || pooled.isEmpty()) {
            return Optional.empty();
        }
        long[] shape = states.get().shape();
        TextStates found = new TextStates(
                states.get().values(),
                (int) shape[0],
                (int) shape[1],
                pooled.get().values());
        remember(caption, found);
        return Optional.of(found);
    }

    private void store(String caption, TextStates states) throws IOException {
        long[] shape = {states.tokens(), states.width()};
        disk.put(key("states", caption), states.states(), shape);
        disk.put(key("pooled", caption), states.pooled(), states.pooled().length);
        remember(caption, states);
    }

    private void remember(String caption, TextStates states) {
        long size = (long) states.states().length + states.pooled().length;
        if (held + size <= MEMORY && memory.putIfAbsent(caption, states) == null) {
            held += size;
        }
    }

    private String key(String what, String caption) {
        return TensorCache.key("text", what, encoder, Sha256.of(caption.getBytes(StandardCharsets.UTF_8)));
    }
}
