package atelier.trainer.listen;

import java.util.List;
import java.util.Locale;

/**
 * What is drawn when, and what it costs.
 *
 * @param prompts what each grid draws; empty for no samples
 * @param every optimiser steps between two grids; 0 draws at the end only
 * @param steps of the run
 * @param pictureCost what a picture costs, in optimiser steps
 * @param wanted prompts that there are
 * @param asked whether the user says when
 */
public record SamplePlan(List<String> prompts, int every, int steps, double pictureCost, int wanted, boolean asked) {
    /** What samples may take of a run unless the user asks for more. */
    private static final double SHARE = 0.1;
    /** A training step goes forward, and back twice as long. */
    private static final double PASSES_OF_A_STEP = 3;
    /** What decoding and what the estimate leaves out may add. */
    private static final double MARGIN = 1.2;
    /** The base's pictures and the last ones. */
    private static final int GRIDS_AT_END = 2;

    public SamplePlan {
        prompts = List.copyOf(prompts);
    }

    /**
     * What a picture costs, in optimiser steps: each of its steps is a forward pass, or two with guidance.
     *
     * @param pictures that an optimiser step trains on
     * @param area of a sample, by that of a training picture
     */
    public static double pictureCost(SampleSettings settings, int pictures, double area) {
        int passes = settings.guidanceScale() == 1 ? 1 : 2;
        return MARGIN * settings.steps() * passes * area / (PASSES_OF_A_STEP * pictures);
    }

    /** As the user asks. */
    public static SamplePlan asked(List<String> prompts, int every, int steps, double pictureCost) {
        return new SamplePlan(prompts, every, steps, pictureCost, prompts.size(), true);
    }

    /**
     * As much as takes a tenth of the run at most.
     *
     * @param least the fewest steps between two grids
     */
    public static SamplePlan within(List<String> prompts, int least, int steps, double pictureCost) {
        double budget = SHARE * steps;
        int pictures = (int) Math.min(prompts.size(), Math.floor(budget / (GRIDS_AT_END * pictureCost)));
        int every = 0;
        if (pictures == prompts.size() && pictures > 0) {
            int between = (int) Math.floor(budget / (pictures * pictureCost)) - GRIDS_AT_END;
            every = between < 1 ? 0 : Math.max(least, (int) Math.ceil(steps / (between + 1.0)));
        }
        return new SamplePlan(
                prompts.subList(0, pictures), every >= steps ? 0 : every, steps, pictureCost, prompts.size(), false);
    }

    /** Whether a grid is drawn after a step. */
    public boolean isDue(long step) {
        return every > 0 && step % every == 0 && !prompts.isEmpty();
    }

    /** What is still to be drawn after a step, in optimiser steps. */
    public double costAfter(long step) {
        long between = every == 0 ? 0 : Math.max(0, (steps - 1) / every - step / every);
        return prompts.size() * pictureCost * (between + (between == gridsBetween() ? GRIDS_AT_END : 1));
    }

    private long gridsBetween() {
        return every == 0 ? 0 : (steps - 1) / every;
    }

    /** In one line; empty where no prompt is wanted. */
    public String told() {
        if (wanted == 0) {
            return "";
        }
        if (prompts.isEmpty()) {
            double share = GRIDS_AT_END * wanted * pictureCost / steps;
            return "no samples: drawing " + wanted + (wanted == 1 ? " prompt" : " prompts")
                    + " with the base model and with the adapter would take "
                    + (share < 1 ? "about " + percent(share) + " of" : many(share) + " times")
                    + " the time of these " + steps
                    + " steps; train.sample_every=0 draws them at the end all the same";
        }
        String when = every == 0 ? "at the end" : "every " + every + " steps and at the end";
        String more = prompts.size() < wanted
                ? "; train.sample_every=0 draws all " + wanted + " prompts at the end"
                : asked ? "" : "; train.sample_every=N draws them every N steps";
        return "samples: " + prompts.size() + (prompts.size() == 1 ? " prompt " : " prompts ") + when + ", about "
                + percent(costAfter(0) / steps) + " of training's time" + more;
    }

    private static String many(double share) {
        return String.format(Locale.ROOT, share < 10 ? "%.1f" : "%.0f", share);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f %%", Math.max(1, 100 * share));
    }
}
