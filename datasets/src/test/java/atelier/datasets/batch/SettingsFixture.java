package atelier.datasets.batch;

import java.nio.file.Path;

/** Data settings for tests: small squares, nothing random unless a test asks. */
final class SettingsFixture {
    private SettingsFixture() {}

    static DataSettings square(int side) {
        return with(side, false, Crop.CENTRE, 0, OnError.SKIP);
    }

    static DataSettings with(int side, boolean buckets, Crop crop, double flip, OnError onError) {
        return new DataSettings(
                Path.of("pairs.csv"),
                Path.of("."),
                side,
                buckets,
                8,
                64,
                8,
                true,
                crop,
                flip,
                1,
                "#ffffff",
                1 << 20,
                onError,
                2,
                "",
                "",
                "",
                Alternatives.FIRST,
                false,
                0,
                ",",
                0,
                0,
                75,
                MaskSource.NONE,
                null,
                null,
                null);
    }
}
