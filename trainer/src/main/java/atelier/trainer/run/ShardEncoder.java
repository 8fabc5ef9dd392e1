package atelier.trainer.run;

import static atelier.common.error.Checks.check;

import atelier.datasets.batch.BatchSource;
import atelier.datasets.batch.CaptionTools;
import atelier.datasets.batch.Crop;
import atelier.datasets.batch.DataSettings;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Pair;
import atelier.diffusion.model.Devices;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.weights.Checkpoint;
import atelier.trainer.cache.CacheFolder;
import atelier.trainer.loop.TrainingKernels;
import atelier.trainer.prepare.LatentCache;
import atelier.trainer.prepare.LatentPreparation;
import atelier.trainer.prepare.TextCache;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Encodes parts of a run's pictures and captions ahead of it, each part into files of its own, under the keys that the run
 * looks for: it then decodes and encodes nothing.
 */
public final class ShardEncoder implements AutoCloseable {
    private final TrainingSettings settings;
    private final Kernels kernels;
    private final StableDiffusion model;
    private final RunEncoders encoders;

    private ShardEncoder(TrainingSettings settings, Kernels kernels, StableDiffusion model) {
        this.settings = settings;
        this.kernels = kernels;
        this.model = model;
        this.encoders = RunEncoders.of(settings, model);
    }

    /**
     * What came of a part.
     *
     * @param wrote false where its files were there already
     * @param faults a line for each picture that cannot be used
     * @param arithmetic the kind of device and its threads, which cached arrays are kept under
     */
    public record Encoded(boolean wrote, List<String> faults, String arithmetic) {}

    /**
     * Checks that what is encoded ahead is what steps will ask for.
     *
     * @throws atelier.common.error.WrongCommandException when it would not be
     */
    public static void requireSteady(DataSettings data) {
        check(
                data.crop() == Crop.CENTRE,
                "data.crop must be centre to encode pictures ahead: a random crop is another picture each epoch, got %s",
                data.crop());
    }

    /** Opens the model, whose encoders are loaded once something is missing. */
    public static ShardEncoder open(TrainingSettings settings) throws IOException {
        RunParts parts = new RunParts(settings);
        Kernels kernels = TrainingKernels.load(
                Devices.of(settings.device()), settings.train().exact());
        try {
            return new ShardEncoder(
                    settings,
                    kernels,
                    StableDiffusion.of(Checkpoint.open(settings.model().source()), kernels, parts.loadOptions()));
        } catch (IOException | RuntimeException e) {
            kernels.close();
            throw e;
        }
    }

    /**
     * Encodes a part.
     *
     * @param pairs judged already
     * @param name of the files
     * @throws FindingException when a picture is broken and data.on_error=fail
     */
    public Encoded encode(List<Pair> pairs, String name) throws IOException, FindingException, InterruptedException {
        DataSettings data = settings.data();
        try (CacheFolder shard = CacheFolder.ofShard(settings.train().cacheDir())) {
            LatentCache latents = encoders.latents(shard);
            // Captions of encoders that are changed have no states beforehand.
            CaptionTools tools = new CaptionTools(data.captions());
            TextCache texts = encoders.changesText() || tools.drawsTags() ? null : encoders.texts(shard);
            if (shard.has(name)) {
                return new Encoded(false, List.of(), kernels.arithmetic());
            }
            List<String> faults = new ArrayList<>();
            encode(pairs, data.still(data.flip() < 1 ? 0 : 1), latents, faults);
            if (data.flip() > 0 && data.flip() < 1) {
                // Those that are broken have been told of.
                encode(pairs, data.still(1), latents, new ArrayList<>());
            }
            if (texts != null) {
                texts.fill(captions(
                        pairs, List.of(tools, new CaptionTools(data.still().captions()))));
            }
            shard.write(name);
            return new Encoded(true, faults, kernels.arithmetic());
        }
    }

    private void encode(List<Pair> pairs, DataSettings data, LatentCache latents, List<String> faults)
            throws IOException, FindingException, InterruptedException {
        LatentPreparation preparation =
                model.kernels().device().isGpu() ? new LatentPreparation(latents) : LatentPreparation.oneByOne(latents);
        Set<String> told = new LinkedHashSet<>();
        try (BatchSource source =
                new BatchSource(pairs, data, 1, 0, latents::missing, finding -> told.add(finding.message()))) {
            preparation.fill(source, 0, source.stepsPerEpoch());
        } catch (FindingException e) {
            switch (data.onError()) {
                case FAIL -> throw e;
                // None of a size can be used.
                case SKIP -> told.add(e.finding().message());
            }
        }
        faults.addAll(told);
    }

    private static Set<String> captions(List<Pair> pairs, List<CaptionTools> all) {
        Set<String> captions = new LinkedHashSet<>();
        for (Pair pair : pairs) {
            all.forEach(tools -> captions.addAll(tools.possible(pair)));
        }
        return captions;
    }

    @Override
    public void close() {
        model.close();
        kernels.close();
    }
}
