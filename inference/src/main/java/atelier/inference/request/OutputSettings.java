package atelier.inference.request;

import atelier.common.error.WrongCommandException;
import atelier.inference.picture.PictureFormat;
import java.nio.file.Path;

/**
 * Where pictures go, and how they come to be there.
 *
 * @param out the folder
 * @param format of the files
 * @param quality 1 to 100, for jpeg and webp; 100 makes webp lossless
 * @param watermark whether pictures of 256x256 pixels and more carry the invisible watermark
 * @param grid whether all pictures are laid out in one more file, grid.png
 * @param batchSize most pictures drawn at once, fewer where memory does not suffice; more is faster on a GPU
 * @param previewEvery steps between two previews of the picture at work, preview.png; 0 for none
 * @param output what their files tell of how they were made
 * @param vaeTile pictures of a longer side are encoded and decoded in tiles of this side, in pixels
 */
public record OutputSettings(
        Path out,
        PictureFormat format,
        int quality,
        boolean watermark,
        boolean grid,
        int batchSize,
        int previewEvery,
        PictureMetadata.Settings output,
        int vaeTile) {
    public OutputSettings {
        if (quality < 1 || quality > 100) {
            throw new WrongCommandException("quality must be between 1 and 100, got " + quality);
        }
        if (batchSize < 1) {
            throw new WrongCommandException("batch_size must be at least 1, got " + batchSize);
        }
        if (previewEvery < 0) {
            throw new WrongCommandException("preview_every must be at least 0, got " + previewEvery);
        }
        if (vaeTile < 32) {
            throw new WrongCommandException("vae_tile must be at least 32, got " + vaeTile);
        }
    }

    OutputSettings withWatermark(boolean wanted) {
        return new OutputSettings(out, format, quality, wanted, grid, batchSize, previewEvery, output, vaeTile);
    }
}
