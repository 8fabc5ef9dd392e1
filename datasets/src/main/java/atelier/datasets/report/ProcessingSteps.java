package atelier.datasets.report;

import atelier.datasets.batch.Alternatives;
import atelier.datasets.batch.Crop;
import atelier.datasets.batch.DataSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a configuration does to images and captions before a model sees them, a sentence each. */
public final class ProcessingSteps {
    private ProcessingSteps() {}

    public static List<String> of(DataSettings data) {
        List<String> steps = new ArrayList<>();
        steps.add(
                "Images were decoded, turned upright as EXIF asks, brought to sRGB by their ICC profile, and laid over "
                        + data.alphaColour() + " where they are transparent.");
        steps.add(size(data));
        if (data.flip() > 0) {
            steps.add("Left and right were exchanged at random with probability " + data.flip() + ".");
        }
        captions(data, steps);
        steps.add(String.format(
                Locale.ROOT,
                "Captions were cut into CLIP's tokens, of which the first %d were encoded.",
                data.maxTokenLength()));
        return List.copyOf(steps);
    }

    private static String size(DataSettings data) {
        String where = data.crop() == Crop.RANDOM ? "at random" : "at the centre";
        return data.buckets()
                ? "Images were resized by a Lanczos filter to the nearest of several proportions with the area of "
                        + data.resolution() + " x " + data.resolution() + " pixels, and cropped " + where + "."
                : "Images were resized by a Lanczos filter and cropped " + where + " to " + data.resolution() + " x "
                        + data.resolution() + " pixels.";
    }

    private static void captions(DataSettings data, List<String> steps) {
        if (!data.captionPrefix().isBlank() || !data.captionSuffix().isBlank()) {
            steps.add("Captions were put between '" + data.captionPrefix() + "' and '" + data.captionSuffix() + "'.");
        }
        if (!data.triggerWord().isBlank()) {
            steps.add("The word '" + data.triggerWord() + "' was put before captions that lack it.");
        }
        if (data.captionAlternatives() == Alternatives.RANDOM) {
            steps.add("Of several captions of an image one was taken at random.");
        }
        if (data.shuffleTags()) {
            steps.add("The tags of captions, but the first " + data.keepTags() + ", were put into random order.");
        }
        if (data.tagDropout() > 0) {
            steps.add("Tags were left out at random with probability " + data.tagDropout() + ".");
        }
        if (data.captionDropout() > 0) {
            steps.add("Captions were left out at random with probability " + data.captionDropout() + ".");
        }
    }
}
