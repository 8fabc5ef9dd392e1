package atelier.studio.draw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.error.WrongCommandException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SentPictureTest {
    private static byte[] png(int width, int height) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), "png", bytes);
        return bytes.toByteArray();
    }

    @Test
    void base64IsReadWithAndWithoutThePrefixOfADataAddress() throws IOException {
        byte[] file = png(5, 3);
        String text = Base64.getEncoder().encodeToString(file);
        for (String sent : new String[] {text, "data:image/png;base64," + text}) {
            SentPicture picture = SentPicture.ofBase64("mask", sent);
            assertThat(picture.bytes()).isEqualTo(file);
            assertThat(picture.width()).isEqualTo(5);
            assertThat(picture.height()).isEqualTo(3);
            assertThat(picture.ending()).isEqualTo("png");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://127.0.0.1:80/a.png",
                "https://example.org/a.png",
                "HTTP://example.org",
                "file:///etc/passwd",
                "ftp://example.org/a.png",
                "//example.org/a.png",
                "data:text/plain,hello",
                " http://example.org"
            })
    void anAddressIsRefusedAndNotFetched(String address) {
        assertThatThrownBy(() -> SentPicture.ofBase64("init_images", address))
                .isInstanceOf(WrongCommandException.class)
                .hasMessageContaining("init_images: it is an address, and no address is fetched");
    }

    @ParameterizedTest
    @ValueSource(strings = {"no base64!", "/etc/passwd\0", "aGVsbG8=", "", "iVBORw0KGgo="})
    void whatIsNoPictureIsRefused(String text) {
        assertThatThrownBy(() -> SentPicture.ofBase64("mask", text))
                .isInstanceOf(WrongCommandException.class)
                .hasMessageStartingWith("mask: ");
    }

    @Test
    void aPictureOfTooManyPixelsIsRefusedBeforeItIsDecoded() throws IOException {
        byte[] file = png(4, 4);
        ByteBuffer head = ByteBuffer.wrap(file);
        head.putInt(16, 50_000).putInt(20, 50_000);
        CRC32 crc = new CRC32();
        crc.update(file, 12, 17);
        head.putInt(29, (int) crc.getValue());
        assertThatThrownBy(() -> SentPicture.of("mask", file))
                .isInstanceOf(WrongCommandException.class)
                .hasMessageContaining("mask: it has 50000x50000 pixels; send one of at most 4096x4096");
    }
}
