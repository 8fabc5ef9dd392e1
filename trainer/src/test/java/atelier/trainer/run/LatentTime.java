package atelier.trainer.run;

import ai.djl.Device;
import atelier.datasets.batch.BatchSource;
import atelier.datasets.batch.DataSettings;
import atelier.datasets.batch.OnError;
import atelier.datasets.batch.PairBatch;
import atelier.datasets.batch.SettingsFixture;
import atelier.datasets.decode.DecodeSettings;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.Pair;
import atelier.diffusion.bench.Stopwatch;
import atelier.diffusion.conformance.Options;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Precision;
import atelier.trainer.cache.CacheFolder;
import atelier.trainer.prepare.LatentCache;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Times the latent cache for benchmarks: pictures are read, resized, encoded and written, one after another. Options:
 * model, images (a folder of PNG files), cache (a new folder), px, count, dtype.
 */
public final class LatentTime {
    private LatentTime() {}

    public static void main(String[] arguments) throws IOException {
        Map<String, String> given = Options.of(arguments);
        List<Pair> pairs = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of(given.get("images")))) {
            files.filter(file -> file.toString().endsWith(".png"))
                    .sorted()
                    .forEach(file -> pairs.add(Pair.of(file, "", new Origin(file, 1))));
        }
        int count = Integer.parseInt(given.get("count"));
        DataSettings settings = SettingsFixture.square(Integer.parseInt(given.get("px")))
                .folder(Path.of(given.get("images")))
                .prefetch(0)
                .onError(OnError.FAIL)
                .settings();
        try (Kernels kernels = Kernels.load(Device.cpu());
                StableDiffusion model =
                        StableDiffusion.open(Path.of(given.get("model")), kernels, Precision.BF16, Use.ADAPTERS);
                CacheFolder disk = CacheFolder.of(Path.of(given.get("cache")), line -> {})) {
            model.encodeIn(Precision.valueOf(given.get("dtype").toUpperCase(Locale.ROOT)), "dtype");
            LatentCache cache = new LatentCache(model, disk, "bench", DecodeSettings.plain());
            try (BatchSource source =
                    new BatchSource(pairs.subList(0, count), settings, 1, 0, cache::missing, finding -> {})) {
                Stopwatch.report(count, () -> {
                    try (PairBatch batch = source.next()) {
                        cache.moments(batch.examples().get(0));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
            }
        }
    }
}
