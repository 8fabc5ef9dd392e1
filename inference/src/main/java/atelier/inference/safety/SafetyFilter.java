package atelier.inference.safety;

import atelier.common.image.Resample;
import atelier.diffusion.tensor.Kernels;
import atelier.inference.picture.SafetyNote;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Checks pictures by the model's own checker, or by the bundled classifier where it brings none, and acts on what it says. */
public final class SafetyFilter implements AutoCloseable {
    /** Blurred pictures keep this many pixels of their longer side. */
    private static final int BLURRED = 8;

    private final @Nullable PictureChecker checker;
    private final SafetyAction action;

    private SafetyFilter(@Nullable PictureChecker checker, SafetyAction action) {
        this.checker = checker;
        this.action = action;
    }

    /** The kernel texts that {@link #open} needs beside the networks'. */
    public static List<String> kernelTexts(SafetySettings settings) {
        return settings.safety() == SafetyAction.OFF ? List.of() : List.of(NudityClassifier.KERNELS);
    }

    /**
     * Loads the checker that is meant.
     *
     * @param model a diffusers folder or a single file, which has no checker
     * @param kernels that were loaded with {@link #kernelTexts}
     */
    public static SafetyFilter open(SafetySettings settings, Path model, Kernels kernels) throws IOException {
        if (settings.safety() == SafetyAction.OFF) {
            return off();
        }
        boolean own = ConceptChecker.isIn(model);
        SafetyAction action = settings.safety();
        if (action == SafetyAction.AUTO) {
            action = own ? SafetyAction.BLOCK : SafetyAction.TAG;
        }
        PictureChecker checker =
                own ? ConceptChecker.load(model, kernels) : new NudityClassifier(kernels, settings.safetyThreshold());
        return new SafetyFilter(checker, action);
    }

    /** Looks at nothing. */
    public static SafetyFilter off() {
        return new SafetyFilter(null, SafetyAction.OFF);
    }

    /**
     * A picture as it may be shown.
     *
     * @param picture the one that was given, or what stands for it
     * @param note what the checker said; null where none looked
     */
    public record Checked(BufferedImage picture, @Nullable SafetyNote note) {}

    /** Judges a picture, and changes it where that is asked for. */
    public Checked check(BufferedImage picture) {
        PictureChecker judge = checker;
        if (judge == null) {
            return new Checked(picture, null);
        }
        PictureChecker.Verdict verdict = judge.judge(picture);
        String done = verdict.flagged() ? action.name().toLowerCase(Locale.ROOT) : "none";
        SafetyNote note = new SafetyNote(judge.name(), verdict.flagged(), done, verdict.scores());
        if (!verdict.flagged()) {
            return new Checked(picture, note);
        }
        return switch (action) {
            case AUTO, OFF, TAG -> new Checked(picture, note);
            case BLUR -> new Checked(blurred(picture), note);
            case BLOCK -> new Checked(black(picture), note);
        };
    }

    private static BufferedImage blurred(BufferedImage picture) {
        int longer = Math.max(picture.getWidth(), picture.getHeight());
        int width = Math.max(1, picture.getWidth() * BLURRED / longer);
        int height = Math.max(1, picture.getHeight() * BLURRED / longer);
        return Resample.bicubic(Resample.bicubic(picture, width, height), picture.getWidth(), picture.getHeight());
    }

    private static BufferedImage black(BufferedImage picture) {
        BufferedImage black = new BufferedImage(picture.getWidth(), picture.getHeight(), BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = black.createGraphics();
        graphics.setColor(Color.BLACK);
        graphics.fillRect(0, 0, black.getWidth(), black.getHeight());
        graphics.dispose();
        return black;
    }

    @Override
    public void close() {
        if (checker != null) {
            checker.close();
        }
    }
}
