package atelier.diffusion.model;

import ai.djl.ndarray.types.Shape;
import atelier.common.error.WrongCommandException;
import atelier.diffusion.tensor.Activation;
import atelier.diffusion.tensor.Upload;
import atelier.diffusion.unet.UNet;
import org.jspecify.annotations.Nullable;

/**
 * What a UNet is told about a batch beside its noisy latents: a text for each row and, for SDXL, sizes (Podell et al.
 * 2023, section 2.2).
 *
 * @param sizes row-major [n, 6]: original height and width, crop top and left, target height and width; models without
 *     added conditions do not read them
 */
@SuppressWarnings("ArrayRecordComponent") // carried to tensors, never compared
public record Conditioning(TextConditioning text, float[] sizes) {
    private static final int SIZES = 6;

    /** Whole pictures of one size in pixels, as they are drawn: nothing is cropped. */
    public static Conditioning whole(TextConditioning text, int rows, int height, int width) {
        float[] sizes = new float[rows * SIZES];
        for (int row = 0; row < rows; row++) {
            System.arraycopy(new float[] {height, width, 0, 0, height, width}, 0, sizes, row * SIZES, SIZES);
        }
        return new Conditioning(text, sizes);
    }

    /** Adds the sizes to what is sent to the device; null for a UNet that takes none. */
    Upload.@Nullable Part prepareSizes(UNet unet, Upload upload) {
        return unet.config().textTime() ? upload.add(sizes, new Shape(sizes.length / SIZES, SIZES)) : null;
    }

    /** What a UNet takes beside text states; null for one that takes nothing. */
    static UNet.@Nullable AddedConditions added(@Nullable Activation pooled, Upload.@Nullable Part sizes) {
        if (sizes == null) {
            return null;
        }
        if (pooled == null) {
            throw new WrongCommandException("the UNet takes a pooled text, and no text encoder of the model has one");
        }
        return new UNet.AddedConditions(pooled, sizes.array());
    }
}
