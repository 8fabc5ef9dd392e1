package atelier.datasets.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.datasets.decode.Golden;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.Pair;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchSourceTest {
    @TempDir
    Path folder;

    private final List<Finding> found = new CopyOnWriteArrayList<>();

    private static Pair golden(String name) {
        return Pair.of(Golden.file(name), "a picture", new Origin(Path.of("captions.csv"), 2));
    }

    private static List<Pair> pairs() {
        return List.of(
                golden("rgb8.png"),
                golden("444.jpg"),
                golden("grey8.png"),
                golden("pdq-tall.png"),
                golden("exif6.jpg"),
                golden("rgba8.png"),
                golden("rgb.bmp"));
    }

    private BatchSource source(List<Pair> pairs, DataSettings settings) throws FindingException {
        return new BatchSource(pairs, settings, 2, 42, BatchSource.PixelDemand.all(), found::add);
    }

    @Test
    void pixelsAreThePlanesOfTheResizedCrop() throws Exception {
        try (BatchSource source = source(
                        List.of(golden("rgb8.png")), SettingsFixture.square(36).settings());
                PairBatch batch = source.next()) {
            Example example = batch.examples().get(0);
            assertThat(example.placement()).isEqualTo(new Placement(48, 36, 48, 36, 6, 0, new Bucket(36, 36), false));
            float[] planes = example.requirePixels();
            assertThat(planes).hasSize(3 * 36 * 36);
            int blue = Golden.expected("rgb8.png").at(6 + 5, 7, 2);
            assertThat(planes[2 * 36 * 36 + 7 * 36 + 5]).isEqualTo(blue / 127.5f - 1);
        }
    }

    @Test
    void aSoughtSourceGoesOnAsOneThatRan() throws Exception {
        DataSettings settings =
                SettingsFixture.square(32).buckets().crop(Crop.RANDOM).flip(0.5).settings();
        try (BatchSource ran = source(pairs(), settings);
                BatchSource sought = source(pairs(), settings)) {
            for (int i = 0; i < 9; i++) {
                ran.next().close();
            }
            sought.next().close();
            sought.seek(9);
            for (int i = 0; i < 5; i++) {
                try (PairBatch a = ran.next();
                        PairBatch b = sought.next()) {
                    assertThat(a.step()).isEqualTo(9 + i).isEqualTo(b.step());
                    assertThat(a.size()).isEqualTo(b.size());
                    for (int k = 0; k < a.size(); k++) {
                        assertThat(a.examples().get(k).placement())
                                .isEqualTo(b.examples().get(k).placement());
                        assertThat(a.examples().get(k).requirePixels())
                                .isEqualTo(b.examples().get(k).requirePixels());
                    }
                }
            }
        }
    }

    @Test
    void aBrokenImageIsReportedAndAnotherTakesItsPlace() throws Exception {
        Path broken = Files.writeString(folder.resolve("broken.png"), "no picture");
        List<Pair> pairs = List.of(golden("rgb8.png"), Pair.of(broken, "broken", Origin.of(broken)));
        try (BatchSource source = source(pairs, SettingsFixture.square(32).settings());
                PairBatch batch = source.next()) {
            assertThat(batch.examples()).extracting(Example::index).containsExactly(0, 0);
            assertThat(found).isNotEmpty().allMatch(f -> broken.equals(f.image()));
        }
    }

    @Test
    void aBrokenImageEndsTheRunWhenAsked() throws Exception {
        Path broken = Files.writeString(folder.resolve("broken.png"), "no picture");
        List<Pair> pairs = List.of(golden("rgb8.png"), Pair.of(broken, "broken", Origin.of(broken)));
        DataSettings settings = SettingsFixture.square(32).onError(OnError.FAIL).settings();
        try (BatchSource source = source(pairs, settings)) {
            assertThatThrownBy(source::next)
                    .isInstanceOf(FindingException.class)
                    .hasMessageContaining("broken.png");
        }
    }

    @Test
    void knownLatentsNeedNoPixels() throws Exception {
        try (BatchSource source = new BatchSource(
                        pairs(), SettingsFixture.square(32).settings(), 7, 1, (pair, placement) -> false, found::add);
                PairBatch batch = source.next()) {
            assertThat(batch.examples()).hasSize(7).allMatch(e -> e.pixels() == null);
            assertThat(source.plan(0))
                    .extracting(Example::placement)
                    .isEqualTo(batch.examples().stream().map(Example::placement).toList());
        }
    }

    @Test
    void settingsNameTheKeyThatIsWrong() {
        assertThatThrownBy(() -> SettingsFixture.square(4).settings())
                .hasMessage("data.resolution must be at least 8, got 4");
        assertThatThrownBy(() -> SettingsFixture.square(32).flip(2).settings())
                .hasMessage("data.flip must lie between 0 and 1, got 2.0");
    }
}
