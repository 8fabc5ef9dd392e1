package atelier.diffusion.text;

/**
 * What a UNet is told about one prompt.
 *
 * @param states row-major [tokens, width]
 * @param tokens 77, or a multiple of it for long prompts
 * @param width width of the states
 * @param pooled SDXL's pooled text; empty for other models
 */
@SuppressWarnings("ArrayRecordComponent") // shared, never compared
public record TextStates(float[] states, int tokens, int width, float[] pooled) {}
