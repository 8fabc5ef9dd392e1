package atelier.inference.conformance;

import atelier.inference.picture.InvisibleWatermark;
import atelier.inference.picture.PictureFile;
import atelier.inference.picture.PictureFormat;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;

/** Java's side of scripts/conformance/pictures/watermark.py: embeds the watermark in each picture given, in place. */
public final class Watermark {
    private Watermark() {}

    public static void main(String[] files) throws IOException {
        for (String file : files) {
            BufferedImage picture = PictureFile.read(Path.of(file));
            InvisibleWatermark.embed(picture);
            PictureFile.write(Path.of(file), picture, null, PictureFormat.PNG, 100);
        }
    }
}
