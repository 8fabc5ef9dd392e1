package atelier.studio.openai;

import atelier.common.image.PictureReaders;
import atelier.studio.draw.SentPicture;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** OpenAI's masks say by transparency what is drawn anew; ours by white. */
final class EditMask {
    private static final int HALF = 128;
    private static final int WHITE = 0xFFFFFF;

    private EditMask() {}

    /**
     * White where a picture is transparent, black where it is opaque; empty where it is opaque throughout.
     *
     * @throws ImagesFault if it cannot be decoded
     */
    static Optional<SentPicture> of(String field, SentPicture sent) throws IOException {
        BufferedImage picture = decode(field, sent);
        if (!picture.getColorModel().hasAlpha()) {
            return Optional.empty();
        }
        BufferedImage mask = new BufferedImage(picture.getWidth(), picture.getHeight(), BufferedImage.TYPE_INT_RGB);
        boolean any = false;
        for (int y = 0; y < mask.getHeight(); y++) {
            for (int x = 0; x < mask.getWidth(); x++) {
                if (picture.getRGB(x, y) >>> 24 < HALF) {
                    mask.setRGB(x, y, WHITE);
                    any = true;
                }
            }
        }
        if (!any) {
            return Optional.empty();
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(mask, "png", bytes);
        return Optional.of(SentPicture.of(field, bytes.toByteArray()));
    }

    private static BufferedImage decode(String field, SentPicture sent) throws IOException {
        ImageReader reader = PictureReaders.of(sent.bytes());
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(sent.bytes()))) {
            reader.setInput(in, true, true);
            return reader.read(0);
        } catch (IOException | RuntimeException e) {
            // Readers answer damaged bytes with whatever exception.
            throw ImagesFault.wrong(field, field + ": it is a broken picture; save it anew, or send another");
        } finally {
            reader.dispose();
        }
    }
}
