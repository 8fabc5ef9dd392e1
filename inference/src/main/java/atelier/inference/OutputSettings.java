package atelier.inference;

import atelier.inference.picture.PictureFormat;
import java.nio.file.Path;

/**
 * Where pictures go.
 *
 * @param out the folder
 * @param format of the files
 * @param quality 1 to 100, for jpeg and webp; 100 makes webp lossless
 * @param watermark whether pictures of 256x256 pixels and more carry the invisible watermark
 * @param grid whether all pictures are laid out in one more file, grid.png
 * @param batchSize pictures drawn at once; more is faster on a GPU and takes more memory
 */
public record OutputSettings(
        Path out, PictureFormat format, int quality, boolean watermark, boolean grid, int batchSize) {
    public OutputSettings {
        if (quality < 1 || quality > 100) {
            throw new IllegalArgumentException("quality must be between 1 and 100, got " + quality);
        }
        if (batchSize < 1) {
            throw new IllegalArgumentException("batch_size must be at least 1, got " + batchSize);
        }
    }
}
