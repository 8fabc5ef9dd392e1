package atelier.evaluation.features;

import atelier.common.image.Pictures;
import atelier.common.image.Pixels;
import atelier.common.image.Resample;
import com.fasterxml.jackson.databind.JsonNode;

/**
 * Pictures as a network was taught to take them: brought to a square, whatever their shape, then (value / scale - mean) /
 * deviation of each channel.
 *
 * @param side of the square
 * @param tensorflow whether pictures are resized as TensorFlow 1 did, without widening the filter and from corner to
 *     corner; else as Pillow's bilinear filter does
 * @param scale that values from 0 to 255 are divided by
 * @param mean of each channel
 * @param deviation of each channel
 */
@SuppressWarnings("ArrayRecordComponent") // owned here, never compared
record GraphInput(int side, boolean tensorflow, float scale, float[] mean, float[] deviation) {

    static GraphInput of(NetworkFolder folder) {
        JsonNode input = folder.description().path("input");
        String resize = input.path("resize").asText();
        boolean known = resize.equals("tensorflow") || resize.equals("bilinear");
        JsonNode mean = input.path("mean");
        JsonNode deviation = input.path("deviation");
        if (!known || input.path("side").asInt() < 1 || mean.size() != 3 || deviation.size() != 3) {
            throw folder.broken("network.json has no input with side, resize (bilinear or tensorflow), and mean and"
                    + " deviation of three channels");
        }
        return new GraphInput(
                input.path("side").asInt(),
                resize.equals("tensorflow"),
                (float) input.path("scale").asDouble(1),
                three(mean),
                three(deviation));
    }

    private static float[] three(JsonNode list) {
        return new float[] {
            list.get(0).floatValue(), list.get(1).floatValue(), list.get(2).floatValue()
        };
    }

    /** Writes a picture's three planes. */
    void write(Pixels picture, float[] into, int from) {
        if (tensorflow) {
            interpolate(picture, into, from);
            return;
        }
        Pixels resized = Pictures.of(Resample.bilinear(Pictures.image(picture), side, side));
        for (int channel = 0; channel < 3; channel++) {
            for (int i = 0; i < side * side; i++) {
                into[from + channel * side * side + i] = normalised(resized.at(i % side, i / side, channel), channel);
            }
        }
    }

    private float normalised(float value, int channel) {
        return (value / scale - mean[channel]) / deviation[channel];
    }

    private void interpolate(Pixels picture, float[] into, int from) {
        float stepX = (float) ((double) picture.width() / side);
        float stepY = (float) ((double) picture.height() / side);
        for (int y = 0; y < side; y++) {
            int top = (int) (y * stepY);
            int bottom = Math.min(top + 1, picture.height() - 1);
            float down = y * stepY - top;
            for (int x = 0; x < side; x++) {
                int left = (int) (x * stepX);
                int right = Math.min(left + 1, picture.width() - 1);
                float across = x * stepX - left;
                for (int channel = 0; channel < 3; channel++) {
                    float above = between(picture.at(left, top, channel), picture.at(right, top, channel), across);
                    float below =
                            between(picture.at(left, bottom, channel), picture.at(right, bottom, channel), across);
                    into[from + (channel * side + y) * side + x] = normalised(between(above, below, down), channel);
                }
            }
        }
    }

    private static float between(float first, float second, float share) {
        return first + (second - first) * share;
    }
}
