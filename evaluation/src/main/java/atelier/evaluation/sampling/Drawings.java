package atelier.evaluation.sampling;

import atelier.common.image.Pixels;
import java.util.List;

/**
 * Pictures drawn at one strength. Two drawings of the same prompts, seeds and settings come from the same noise, so their
 * pictures are pairs.
 *
 * @param strength of the adapter; 0 is the base model
 * @param prompts in the order in which they were drawn
 * @param seeds of each prompt's pictures
 * @param pictures of each prompt, as many as its seeds
 */
public record Drawings(double strength, List<String> prompts, List<List<Long>> seeds, List<List<Pixels>> pictures) {
    public Drawings {
        prompts = List.copyOf(prompts);
        seeds = List.copyOf(seeds);
        pictures = List.copyOf(pictures);
        if (prompts.size() != pictures.size() || prompts.size() != seeds.size()) {
            throw new IllegalArgumentException(prompts.size() + " prompts, " + seeds.size() + " lists of seeds and "
                    + pictures.size() + " lists of pictures do not go together");
        }
    }

    /** All pictures, prompt by prompt. */
    public List<Pixels> all() {
        return pictures.stream().flatMap(List::stream).toList();
    }
}
