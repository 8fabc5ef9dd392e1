package atelier.evaluation.features;

import atelier.common.image.Pictures;
import atelier.common.image.Pixels;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.vision.VisionEncoder;
import atelier.diffusion.weights.StateDict;
import atelier.diffusion.weights.safetensors.WeightsException;
import atelier.evaluation.statistics.Vectors;
import atelier.inference.safety.ClipPixels;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A vision tower with its projection: pictures as vectors of length 1. */
public final class PictureTower implements AutoCloseable {
    private final VisionEncoder vision;
    private final ClipPixels pixels;
    private final String source;

    private PictureTower(VisionEncoder vision, ClipPixels pixels, String source) {
        this.vision = vision;
        this.pixels = pixels;
        this.source = source;
    }

    /**
     * Loads the tower of a CLIP model.
     *
     * @param weights by transformers' names
     * @param preprocessor how pictures are prepared
     * @param source where the weights come from
     */
    static PictureTower load(StateDict weights, JsonNode preprocessor, String source, Kernels kernels) {
        VisionEncoder vision =
                VisionEncoder.load(kernels, weights, "vision_model.", new LoadOptions(Precision.FP32, Use.INFERENCE));
        try {
            return new PictureTower(
                    vision, ClipPixels.of(preprocessor, vision.config().picture()), source);
        } catch (RuntimeException e) {
            vision.close();
            throw e;
        }
    }

    /**
     * Loads CSD, whose vectors tell styles apart whatever is shown (Somepalli et al. 2024).
     *
     * @param folder written by {@code scripts/evaluation/convert csd}
     * @param kernels stay the caller's
     */
    public static PictureTower csd(Path folder, Kernels kernels) throws IOException {
        NetworkFolder opened = NetworkFolder.open("csd", folder);
        PictureTower tower =
                load(opened.weights(), opened.description().path("preprocessor"), opened.source(), kernels);
        try {
            opened.weights().requireEmpty();
            return tower;
        } catch (WeightsException e) {
            tower.close();
            throw opened.broken(String.valueOf(e.getMessage()));
        }
    }

    /** Where the weights come from. */
    public String source() {
        return source;
    }

    /** Pictures' vectors, of length 1. */
    public List<float[]> pictures(List<Pixels> pictures) {
        List<float[]> vectors = new ArrayList<>();
        for (Pixels picture : pictures) {
            vectors.add(Vectors.unit(vision.embed(pixels.of(Pictures.image(picture)))));
        }
        return vectors;
    }

    @Override
    public void close() {
        vision.close();
    }
}
