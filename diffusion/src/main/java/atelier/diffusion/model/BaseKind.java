package atelier.diffusion.model;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.ModelFamily;
import atelier.diffusion.weights.name.Component;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** Relatives of Stable Diffusion that take other inputs than words and noise, told by their UNet's configuration. */
public final class BaseKind {
    private static final int EDITING = 8;
    private static final int INPAINTING = 9;
    private static final int DEPTH = 5;
    private static final int UPSCALING = 7;

    private BaseKind() {}

    /**
     * Refuses models that nothing here draws with.
     *
     * @throws WrongCommandException with one sentence that says what the model is
     */
    static void requireDrawn(Checkpoint checkpoint) {
        unknown(checkpoint).ifPresent(what -> {
            throw new WrongCommandException(checkpoint.source() + " is " + what
                    + ", with which Atelier neither draws nor trains; take a text-to-image model of Stable Diffusion 1.x,"
                    + " 2.x or XL");
        });
    }

    /**
     * What stands against training on a base, in one sentence; empty for text-to-image and inpainting models.
     *
     * @param checkpoint the base
     */
    public static Optional<String> untrainable(Checkpoint checkpoint) {
        String place = "model.path: " + checkpoint.source() + " is ";
        return unknown(checkpoint)
                .map(kind ->
                        place + kind + ", with which Atelier neither draws nor trains; take a text-to-image model of"
                                + " Stable Diffusion 1.x, 2.x or XL");
    }

    /** Whether a model paints into pictures: its UNet takes a mask and the latents of what stays beside the noise. */
    public static boolean isInpainting(Checkpoint checkpoint) {
        return channels(checkpoint) == INPAINTING;
    }

    private static int channels(Checkpoint checkpoint) {
        return checkpoint.component(Component.UNET).config().path("in_channels").asInt(4);
    }

    private static Optional<String> unknown(Checkpoint checkpoint) {
        ObjectNode unet = checkpoint.component(Component.UNET).config();
        if (unet.hasNonNull("class_embed_type")) {
            boolean image = unet.path("class_embed_type").asText().contains("projection");
            return Optional.of(
                    image ? "an unCLIP model, which draws from a picture's embedding" : "a model of classes");
        }
        if (checkpoint.family() == ModelFamily.SDXL_REFINER) {
            return Optional.of("Stable Diffusion XL's refiner, which ends what the base model began");
        }
        return switch (channels(checkpoint)) {
            case EDITING ->
                Optional.of("an instruct-pix2pix model, which edits a picture that goes in beside the noise");
            case DEPTH -> Optional.of("a depth-to-image model, which takes a depth map beside the noise");
            case UPSCALING -> Optional.of("an upscaling model, which takes a small picture beside the noise");
            default -> Optional.empty();
        };
    }
}
