package atelier.datasets.batch;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.datasets.pairs.Cases;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BucketsTest {
    /** What sd-scripts makes of 512 x 512, 256 to 1024, step 64. */
    @Test
    void theSetIsTheOneThatSdScriptsUsersKnow() {
        assertThat(Buckets.aspects(512, 256, 1024, 64, true).sizes())
                .extracting(Bucket::toString)
                .isEqualTo(List.of(
                        "256x832",
                        "256x896",
                        "256x960",
                        "256x1024",
                        "320x704",
                        "320x768",
                        "384x640",
                        "448x576",
                        "512x512",
                        "576x448",
                        "640x384",
                        "704x320",
                        "768x320",
                        "832x256",
                        "896x256",
                        "960x256",
                        "1024x256"));
    }

    @Test
    void aPictureGoesToTheNearestProportions() {
        Buckets buckets = Buckets.aspects(512, 256, 1024, 64, true);
        assertThat(buckets.of(1600, 1004)).hasToString("640x384");
        assertThat(buckets.of(1004, 1600)).hasToString("384x640");
        assertThat(buckets.of(700, 700)).hasToString("512x512");
    }

    @Test
    void withoutEnlargingASmallPictureKeepsItsSizeCutToSteps() {
        Buckets buckets = Buckets.aspects(512, 256, 1024, 64, false);
        assertThat(buckets.of(300, 200)).hasToString("256x192");
        assertThat(buckets.of(30, 20)).hasToString("64x64");
        assertThat(buckets.of(3000, 3000)).hasToString("512x512");
    }

    private record Picture(int width, int height, long seed) {}

    /** Small sides often, where rounding decides. */
    private static int side(Random random) {
        return 1 + random.nextInt(random.nextInt(4) == 0 ? 8 : 5000);
    }

    @Test
    void everyPlacementCoversItsBucketAndStaysWithinThePicture() {
        Buckets buckets = Buckets.aspects(512, 256, 1024, 64, true);
        Cases.check(1, 1000, random -> new Picture(side(random), side(random), random.nextLong()), picture -> {
            Bucket bucket = buckets.of(picture.width(), picture.height());
            for (Crop crop : Crop.values()) {
                Placement p =
                        Placement.of(picture.width(), picture.height(), bucket, crop, 0.5, Draws.of(picture.seed()));
                assertThat(p.left()).isBetween(0, p.resizedWidth() - bucket.width());
                assertThat(p.top()).isBetween(0, p.resizedHeight() - bucket.height());
                assertThat(p.resizedWidth() == bucket.width() || p.resizedHeight() == bucket.height())
                        .isTrue();
            }
        });
    }
}
