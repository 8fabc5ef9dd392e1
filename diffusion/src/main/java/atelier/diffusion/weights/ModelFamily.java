package atelier.diffusion.weights;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The architectures that are read, told apart by their configuration. */
public enum ModelFamily {
    /** Stable Diffusion 1.x: CLIP ViT-L's text encoder, convolutional projections. */
    SD1("Stable Diffusion 1.x"),
    /** Stable Diffusion 2.x: OpenCLIP ViT-H's text encoder, linear projections. */
    SD2("Stable Diffusion 2.x"),
    /** Stable Diffusion XL base: both text encoders, time ids. */
    SDXL("Stable Diffusion XL"),
    /** Stable Diffusion XL refiner: the second text encoder alone, time ids with an aesthetic score. */
    SDXL_REFINER("Stable Diffusion XL refiner");

    private final String title;

    ModelFamily(String title) {
        this.title = title;
    }

    /** The name in words. */
    public String title() {
        return title;
    }

    /** True for the two that condition on size and crop. */
    public boolean isXl() {
        return this == SDXL || this == SDXL_REFINER;
    }

    /**
     * The family of a UNet's configuration. Full-size models show it in the width of their text states; others in the
     * form of their projections, which is linear from 2.x on.
     *
     * @param unet diffusers' configuration of the UNet
     * @param hasFirstEncoder whether the first text encoder is there, which the refiner lacks
     */
    static ModelFamily of(ObjectNode unet, boolean hasFirstEncoder) {
        if ("text_time".equals(unet.path("addition_embed_type").asText())) {
            return hasFirstEncoder ? SDXL : SDXL_REFINER;
        }
        JsonNode width = unet.path("cross_attention_dim");
        return switch (width.asInt()) {
            case 768 -> SD1;
            case 1024 -> SD2;
            default -> unet.path("use_linear_projection").asBoolean(false) ? SD2 : SD1;
        };
    }
}
