package atelier.trainer;

import atelier.datasets.batch.Alternatives;
import atelier.datasets.batch.Crop;
import atelier.datasets.batch.DataSettings;
import atelier.datasets.batch.MaskSource;
import atelier.datasets.batch.OnError;
import java.nio.file.Path;

/** Settings under which each picture becomes a square of one size, the same at every visit. */
final class SquareData {
    private SquareData() {}

    static DataSettings of(Path folder, int side) {
        return new DataSettings(
                folder,
                folder,
                side,
                false,
                8,
                64,
                8,
                true,
                Crop.CENTRE,
                0,
                1,
                "#ffffff",
                1 << 20,
                OnError.FAIL,
                0,
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
