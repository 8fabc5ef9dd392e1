package atelier.datasets.batch;

import atelier.datasets.pairs.TextForm;
import java.nio.file.Path;

/** Data settings for tests: small squares, and nothing random unless a test asks. */
public final class SettingsFixture {
    private final int side;
    private Path pairs = Path.of("pairs.csv");
    private Path images = Path.of(".");
    private boolean buckets;
    private Crop crop = Crop.CENTRE;
    private double flip;
    private OnError onError = OnError.SKIP;
    private int prefetch = 2;
    private String triggerWord = "";
    private MaskSource mask = MaskSource.NONE;
    private Path masks;

    private SettingsFixture(int side) {
        this.side = side;
    }

    /** Each picture becomes a square of this side, the same at every visit. */
    public static SettingsFixture square(int side) {
        return new SettingsFixture(side);
    }

    /** Where pairs.csv and the pictures lie. */
    public SettingsFixture folder(Path folder) {
        pairs = folder.resolve("pairs.csv");
        images = folder;
        return this;
    }

    public SettingsFixture buckets() {
        buckets = true;
        return this;
    }

    public SettingsFixture crop(Crop how) {
        crop = how;
        return this;
    }

    public SettingsFixture flip(double probability) {
        flip = probability;
        return this;
    }

    public SettingsFixture onError(OnError reaction) {
        onError = reaction;
        return this;
    }

    public SettingsFixture prefetch(int batches) {
        prefetch = batches;
        return this;
    }

    public SettingsFixture triggerWord(String word) {
        triggerWord = word;
        return this;
    }

    /** @param folder of mask files; null for none */
    public SettingsFixture mask(MaskSource source, Path folder) {
        mask = source;
        masks = folder;
        return this;
    }

    public DataSettings settings() {
        return new DataSettings(
                pairs,
                images,
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
                prefetch,
                "",
                "",
                triggerWord,
                Alternatives.FIRST,
                false,
                0,
                ",",
                0,
                0,
                75,
                mask,
                masks,
                null,
                null,
                "utf-8",
                TextForm.CaptionLines.ALTERNATIVES,
                null);
    }
}
