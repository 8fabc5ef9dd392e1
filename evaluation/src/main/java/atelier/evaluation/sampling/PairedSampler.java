package atelier.evaluation.sampling;

import atelier.common.console.Progress;
import atelier.common.image.Pictures;
import atelier.common.image.Pixels;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.weights.ModelSource;
import atelier.inference.draw.MergedModel;
import atelier.inference.draw.PromptBatch;
import atelier.inference.draw.PromptBatch.Wanted;
import atelier.inference.request.AdapterChoice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Draws with a base model and its adapter at several strengths from the same noise. One model is in memory at a time: it
 * is opened for a strength and closed again.
 */
public final class PairedSampler {
    private final ModelSource base;
    private final @Nullable Path adapter;
    private final Kernels kernels;
    private final Precision precision;
    private final DrawSettings settings;

    /**
     * @param base a model, as model.path names it
     * @param adapter a file or PEFT's folder; null where only the base is drawn with
     * @param kernels they stay the caller's
     */
    public PairedSampler(
            ModelSource base, @Nullable Path adapter, Kernels kernels, Precision precision, DrawSettings settings) {
        this.base = base;
        this.adapter = adapter;
        this.kernels = kernels;
        this.precision = precision;
        this.settings = settings;
    }

    /** Work on an open model. */
    @FunctionalInterface
    public interface Work<T> {
        T with(StableDiffusion model) throws IOException;
    }

    /**
     * Opens the model at a strength, works, and closes it.
     *
     * @param strength that the adapter's update is multiplied by; 0 opens the base alone
     */
    public <T> T with(double strength, Work<T> work) throws IOException {
        try (StableDiffusion model = MergedModel.open(base, adapters(strength), kernels, precision)) {
            return work.with(model);
        }
    }

    /**
     * Whether the adapter at strength 0, merged as any other strength is, draws the base's pictures bit for bit.
     *
     * @param drawn by the base; all pictures of the first prompts are drawn again
     * @param prompts how many are, or as many more as fill a batch
     */
    public boolean zeroEqualsBase(Drawings drawn, int prompts) throws IOException {
        if (adapter == null) {
            return true;
        }
        List<AdapterChoice> zero = List.of(new AdapterChoice(adapter, 0));
        int count = Math.min(drawn.prompts().size(), wholeBatch(drawn.seeds(), prompts));
        List<String> words = drawn.prompts().subList(0, count);
        List<List<Long>> seeds = drawn.seeds().subList(0, count);
        try (StableDiffusion model = MergedModel.open(base, zero, kernels, precision)) {
            Drawings again = draw(model, 0, words, seeds, Progress.silent());
            for (int prompt = 0; prompt < count; prompt++) {
                for (int i = 0; i < seeds.get(prompt).size(); i++) {
                    byte[] first = drawn.pictures().get(prompt).get(i).rgb();
                    if (!Arrays.equals(
                            first, again.pictures().get(prompt).get(i).rgb())) {
                        return false;
                    }
                }
            }
            return true;
        }
    }

    /** How many prompts fill whole batches: a picture does not depend on the others, but their number decides kernels. */
    private int wholeBatch(List<List<Long>> seeds, int least) {
        int pictures = 0;
        int prompts = 0;
        while (prompts < seeds.size() && (prompts < least || pictures % settings.batchSize() != 0)) {
            pictures += seeds.get(prompts).size();
            prompts++;
        }
        return prompts;
    }

    private List<AdapterChoice> adapters(double strength) {
        return adapter == null || strength == 0 ? List.of() : List.of(new AdapterChoice(adapter, strength));
    }

    /**
     * Draws as many pictures of each prompt.
     *
     * @param firstSeed prompt i's picture j has the seed firstSeed + i * perPrompt + j, whatever the strength
     */
    public Drawings draw(double strength, List<String> prompts, int perPrompt, long firstSeed, Progress progress)
            throws IOException {
        List<List<Long>> seeds = seeds(prompts.size(), perPrompt, firstSeed);
        return with(strength, model -> draw(model, strength, prompts, seeds, progress));
    }

    /** Seeds of each prompt's pictures, counted on. */
    public static List<List<Long>> seeds(int prompts, int perPrompt, long first) {
        return seeds(prompts, perPrompt, perPrompt, first);
    }

    /** The first {@code perPrompt} of as many seeds of each prompt: fewer pictures are a part of more. */
    public static List<List<Long>> seeds(int prompts, int perPrompt, int of, long first) {
        List<List<Long>> seeds = new ArrayList<>();
        for (int prompt = 0; prompt < prompts; prompt++) {
            List<Long> own = new ArrayList<>();
            for (int i = 0; i < perPrompt; i++) {
                own.add(first + (long) prompt * of + i);
            }
            seeds.add(own);
        }
        return seeds;
    }

    /** Draws with a model that is open already: all prompts' pictures one after another, as many at once as settings say. */
    public Drawings draw(
            StableDiffusion model, double strength, List<String> prompts, List<List<Long>> seeds, Progress progress)
            throws IOException {
        PromptBatch batch = new PromptBatch(
                model, settings.negativePrompt(), settings.side(), settings.sampling(), settings.batchSize());
        List<Wanted> wanted = new ArrayList<>();
        for (int prompt = 0; prompt < prompts.size(); prompt++) {
            for (long seed : seeds.get(prompt)) {
                wanted.add(new Wanted(prompts.get(prompt), seed));
            }
        }
        List<Pixels> drawn = Pictures.of(batch.draw(wanted, progress::did));
        List<List<Pixels>> pictures = new ArrayList<>();
        int from = 0;
        for (List<Long> own : seeds) {
            pictures.add(List.copyOf(drawn.subList(from, from + own.size())));
            from += own.size();
        }
        return new Drawings(strength, prompts, seeds, pictures);
    }
}
