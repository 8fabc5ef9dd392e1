package atelier.inference.request;

import atelier.common.error.WrongCommandException;
import atelier.common.image.PixelPlanes;
import atelier.inference.picture.PictureFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A picture to start from.
 *
 * @param picture RGB; brought to the wanted size
 * @param mask white where it is painted anew, black or transparent where it is kept; null paints everything anew
 * @param strength share of the steps that run on it: near 0 keeps it, 1 forgets it
 */
public record StartingPicture(
        BufferedImage picture, @Nullable BufferedImage mask, double strength) {
    public StartingPicture {
        if (!(strength > 0 && strength <= 1)) {
            throw new WrongCommandException("strength must be more than 0 and at most 1, got " + strength);
        }
    }

    /** What an inpainting model draws a whole picture from: a mask that covers all of it. */
    public static StartingPicture allPainted(int width, int height) {
        BufferedImage white = white(width, height);
        return new StartingPicture(white, white, 1);
    }

    /** A white picture. */
    public static BufferedImage white(int width, int height) {
        BufferedImage white = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        int[] pixels = new int[width * height];
        Arrays.fill(pixels, 0xFFFFFF);
        white.setRGB(0, 0, width, height, pixels, 0, width);
        return white;
    }

    /**
     * Reads both files.
     *
     * @throws WrongCommandException if one is missing or broken, or the mask has another shape than the picture or is
     *     dark throughout
     */
    public static StartingPicture read(Path image, @Nullable Path mask, double strength) throws IOException {
        BufferedImage picture = PictureFile.read(image);
        if (mask == null) {
            return new StartingPicture(picture, null, strength);
        }
        BufferedImage marks = PictureFile.readMask(mask);
        double shape = (double) picture.getWidth() / picture.getHeight();
        if (Math.abs(marks.getWidth() - marks.getHeight() * shape) > Math.max(1, shape)) {
            throw new WrongCommandException("mask=" + mask + " is " + marks.getWidth() + "x" + marks.getHeight()
                    + ", another shape than init_image=" + image + " of " + picture.getWidth() + "x"
                    + picture.getHeight()
                    + "; give a mask of its size");
        }
        if (Arrays.equals(PixelPlanes.mask(marks), new float[marks.getWidth() * marks.getHeight()])) {
            throw new WrongCommandException("mask=" + mask
                    + " is dark throughout, so nothing would be drawn; paint white what is to be drawn anew");
        }
        return new StartingPicture(picture, marks, strength);
    }
}
