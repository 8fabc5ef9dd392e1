package atelier.evaluation.audit.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import atelier.common.image.Pixels;
import atelier.evaluation.audit.Drawn;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class TiledDistanceTest {
    @Test
    void aPictureIsAtNoDistanceFromItself() {
        assertThat(TiledDistance.between(Drawn.picture(1), Drawn.picture(1))).isZero();
    }

    @Test
    void theTileThatDiffersMostDecides() {
        Pixels white = plain(64, 64);
        Pixels blot = plain(64, 64);
        for (int y = 16; y < 32; y++) {
            for (int x = 32; x < 48; x++) {
                for (int channel = 0; channel < 3; channel++) {
                    blot.rgb()[3 * (y * 64 + x) + channel] = (byte) 204;
                }
            }
        }
        // One of sixteen tiles differs by 51 of 255 everywhere: 0.2, though the whole picture's is a quarter of it.
        assertThat(TiledDistance.between(white, blot)).isCloseTo(0.2, within(1e-9));
    }

    @Test
    void distanceIsSymmetricForPicturesOfOneSize() {
        assertThat(TiledDistance.between(Drawn.picture(1), Drawn.picture(2)))
                .isEqualTo(TiledDistance.between(Drawn.picture(2), Drawn.picture(1)))
                .isGreaterThan(TiledDistance.SAME);
    }

    @Test
    void noiseBelowTheEyesThresholdStaysBelowThePublishedOne() {
        assertThat(TiledDistance.between(Drawn.picture(1), Drawn.noisy(Drawn.picture(1), 8, 3)))
                .isBetween(0.01, TiledDistance.SAME);
    }

    @Test
    void largePicturesAreReducedAndOthersBroughtToTheirSize() {
        assertThat(TiledDistance.between(plain(1200, 900), plain(30, 30))).isZero();
    }

    private static Pixels plain(int width, int height) {
        byte[] rgb = new byte[3 * width * height];
        Arrays.fill(rgb, (byte) 255);
        return new Pixels(width, height, rgb);
    }
}
