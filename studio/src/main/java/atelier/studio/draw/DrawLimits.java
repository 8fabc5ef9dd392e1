package atelier.studio.draw;

import static atelier.common.error.Checks.check;

import atelier.cli.drawing.PlannedDrawing;
import atelier.inference.request.GenerationPlan;
import atelier.inference.request.SourceSettings;
import org.jspecify.annotations.Nullable;

/** What one request may ask of the worker that all share; the command generate has no such limits. */
final class DrawLimits {
    private static final int SIDE = 4096;
    private static final int STEPS = 1000;
    private static final int PICTURES = 150;
    private static final int BATCH = 64;
    private static final int PROMPT = 20_000;

    private DrawLimits() {}

    /** @throws atelier.common.error.WrongCommandException naming the key */
    static void require(PlannedDrawing planned) {
        GenerationPlan plan = planned.plan();
        SourceSettings source = plan.source();
        Double scale = source.hiresScale();
        double factor = scale == null ? 1 : scale;
        side("width", source.width(), factor);
        side("height", source.height(), factor);
        int steps = plan.sampling().steps();
        check(steps <= STEPS, "steps must be at most " + STEPS + ", got %s", steps);
        int pictures = plan.jobs().stream().mapToInt(job -> job.seeds().size()).sum();
        check(pictures <= PICTURES, "one request draws at most " + PICTURES + " pictures, got %s", pictures);
        check(
                plan.output().batchSize() <= BATCH,
                "batch_size must be at most " + BATCH + ", got %s",
                plan.output().batchSize());
        plan.jobs().forEach(job -> {
            int length = job.prompt().length() + job.negativePrompt().length();
            check(length <= PROMPT, "prompts must have at most " + PROMPT + " characters, got %s", length);
        });
    }

    private static void side(String key, @Nullable Integer side, double factor) {
        if (side != null) {
            check(side * factor <= SIDE, key + " must be at most " + SIDE + " pixels, got %s", side * factor);
        }
    }
}
