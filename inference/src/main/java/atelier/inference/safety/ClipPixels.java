package atelier.inference.safety;

import atelier.common.error.WrongCommandException;
import atelier.common.image.Resample;
import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;

/**
 * Pictures as CLIP's vision tower takes them: the short side scaled to the tower's size by a cubic filter, the middle cut out,
 * each channel normalised (transformers' CLIPImageProcessor).
 *
 * @param shortest the short side after scaling
 * @param side of the square that is cut out
 * @param mean of each channel, of values in [0, 1]
 * @param deviation of each channel
 */
@SuppressWarnings("ArrayRecordComponent") // owned here, never compared
public record ClipPixels(int shortest, int side, float[] mean, float[] deviation) {
    // CLIP's own figures, as they were published.
    @SuppressWarnings("FloatingPointLiteralPrecision")
    private static final float[] MEAN = {0.48145466f, 0.4578275f, 0.40821073f};

    @SuppressWarnings("FloatingPointLiteralPrecision")
    private static final float[] DEVIATION = {0.26862954f, 0.26130258f, 0.27577711f};

    /**
     * Reads preprocessor_config.json.
     *
     * @param side of the tower's pictures, where the file says nothing
     */
    public static ClipPixels of(JsonNode config, int side) {
        JsonNode size = config.path("size");
        JsonNode crop = config.path("crop_size");
        int shortest = size.isInt() ? size.asInt() : size.path("shortest_edge").asInt(side);
        int cut = crop.isInt() ? crop.asInt() : crop.path("height").asInt(side);
        if (cut != side || shortest < cut) {
            throw new WrongCommandException("preprocessor_config.json makes pictures of " + cut
                    + " pixels, and its network takes " + side + "; fetch the model again");
        }
        return new ClipPixels(
                shortest, cut, numbers(config.path("image_mean"), MEAN), numbers(config.path("image_std"), DEVIATION));
    }

    private static float[] numbers(JsonNode list, float[] otherwise) {
        return list.size() == 3
                ? new float[] {
                    list.get(0).floatValue(),
                    list.get(1).floatValue(),
                    list.get(2).floatValue()
                }
                : otherwise;
    }

    /** [3, side, side]. */
    public float[] of(BufferedImage picture) {
        int width = picture.getWidth();
        int height = picture.getHeight();
        int longest = (int) ((double) shortest * Math.max(width, height) / Math.min(width, height));
        BufferedImage scaled = width <= height
                ? Resample.bicubic(picture, shortest, longest)
                : Resample.bicubic(picture, longest, shortest);
        int left = (scaled.getWidth() - side) / 2;
        int top = (scaled.getHeight() - side) / 2;
        float[] planes = new float[3 * side * side];
        for (int i = 0; i < side * side; i++) {
            int rgb = scaled.getRGB(left + i % side, top + i / side);
            for (int channel = 0; channel < 3; channel++) {
                float value = ((rgb >> (16 - 8 * channel)) & 0xff) / 255f;
                planes[channel * side * side + i] = (value - mean[channel]) / deviation[channel];
            }
        }
        return planes;
    }
}
