package atelier.trainer.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import atelier.datasets.batch.BatchSource;
import atelier.datasets.batch.Bucket;
import atelier.datasets.batch.DataSettings;
import atelier.datasets.batch.OnError;
import atelier.datasets.batch.PairBatch;
import atelier.datasets.batch.Placement;
import atelier.datasets.batch.SettingsFixture;
import atelier.datasets.decode.DecodeSettings;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.Pair;
import atelier.diffusion.Golden;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Precision;
import atelier.trainer.cache.CacheFolder;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LatentPreparationTest {
    @TempDir
    Path folder;

    private List<Pair> pictures() throws Exception {
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            BufferedImage picture = new BufferedImage(40, 36, BufferedImage.TYPE_INT_RGB);
            for (int y = 0; y < 36; y++) {
                for (int x = 0; x < 40; x++) {
                    picture.setRGB(x, y, (i * 50 + x) << 16 | (y * 5) << 8 | (x * y) & 255);
                }
            }
            Path file = folder.resolve(i + ".png");
            ImageIO.write(picture, "png", file.toFile());
            pairs.add(Pair.of(file, "", new Origin(file, 1)));
        }
        return pairs;
    }

    private CacheFolder cache(String name) {
        return CacheFolder.of(folder.resolve(name), line -> {});
    }

    @Test
    void picturesThatAreEncodedTogetherHaveTheLatentsOfEachAlone() throws Exception {
        DataSettings data = SettingsFixture.square(32)
                .folder(folder)
                .flip(0.5)
                .prefetch(1)
                .onError(OnError.FAIL)
                .settings();
        List<Pair> pairs = pictures();
        try (Kernels kernels = Kernels.load(Device.cpu());
                StableDiffusion model = StableDiffusion.of(
                        Golden.model("sd1"), kernels, new LoadOptions(Precision.FP32, Use.ADAPTERS))) {
            LatentCache together = new LatentCache(model, cache("together"), "a", data.decoding());
            LatentCache alone = new LatentCache(model, cache("alone"), "a", data.decoding());
            int steps = 12;
            try (BatchSource source = new BatchSource(pairs, data, 2, 3, together::missing, finding -> {})) {
                new LatentPreparation(together).fill(source, 0, steps);
            }
            try (BatchSource source =
                    new BatchSource(pairs, data, 2, 3, BatchSource.PixelDemand.all(), finding -> {})) {
                for (int step = 0; step < steps; step++) {
                    try (PairBatch batch = source.next()) {
                        for (var example : batch.examples()) {
                            assertThat(together.missing(example.pair(), example.placement()))
                                    .as("step %s", step)
                                    .isFalse();
                            assertThat(together.moments(example).values())
                                    .usingComparatorWithPrecision(1e-4f)
                                    .containsExactly(alone.moments(example).values());
                        }
                    }
                }
            }
        }
    }

    // Field case 20.
    @Test
    void whatChangesALatentIsPartOfItsKey() throws Exception {
        Pair pair = pictures().get(0);
        Placement whole = new Placement(40, 36, 36, 32, 2, 0, new Bucket(32, 32), false);
        try (Kernels kernels = Kernels.load(Device.cpu());
                StableDiffusion model = StableDiffusion.of(
                        Golden.model("sd1"), kernels, new LoadOptions(Precision.FP32, Use.ADAPTERS))) {
            CacheFolder disk = cache("cache");
            DecodeSettings white = new DecodeSettings(1 << 20, 0xFFFFFF);
            String key = new LatentCache(model, disk, "a", white).key(pair, whole);
            Set<String> keys = new HashSet<>(List.of(
                    key,
                    new LatentCache(model, disk, "b", white).key(pair, whole),
                    new LatentCache(model, disk, "a", new DecodeSettings(1 << 20, 0x101010)).key(pair, whole),
                    new LatentCache(model, disk, "a", white).key(pictures().get(1), whole)));
            for (Placement other : List.of(
                    new Placement(40, 36, 36, 32, 2, 0, new Bucket(32, 32), true),
                    new Placement(40, 36, 36, 32, 3, 0, new Bucket(32, 32), false),
                    new Placement(40, 36, 40, 36, 2, 0, new Bucket(32, 32), false),
                    new Placement(40, 36, 36, 32, 2, 0, new Bucket(24, 32), false))) {
                keys.add(new LatentCache(model, disk, "a", white).key(pair, other));
            }
            assertThat(keys).hasSize(8);
            assertThat(key).contains(kernels.arithmetic());
            assertThat(new LatentCache(model, disk, "a", new DecodeSettings(1 << 10, 0xFFFFFF)).key(pair, whole))
                    .isEqualTo(key);
        }
    }
}
