package atelier.trainer.run;

import static atelier.common.error.Checks.check;

import atelier.datasets.batch.BatchSource;
import atelier.datasets.batch.CaptionTools;
import atelier.datasets.batch.Crop;
import atelier.datasets.batch.DataSettings;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Pair;
import atelier.datasets.pairs.SetSettings;
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
import java.util.Collections;
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
                "data.crop must be centre to encode pictures ahead: a random crop is another picture each epoch");
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
        try (CacheFolder shard = CacheFolder.ofShard(settings.train().cacheDir())) {
            LatentCache latents = encoders.latents(shard);
            // Captions of encoders that are changed, and those whose tags are drawn, have no states beforehand.
            Set<String> captions = encoders.changesText() ? Set.of() : captions(pairs);
            TextCache texts = captions.isEmpty() ? null : encoders.texts(shard);
            if (shard.has(name)) {
                return new Encoded(false, List.of(), kernels.arithmetic());
            }
            Set<String> faults = new LinkedHashSet<>();
            encode(pairs, 0, latents, faults);
            encode(pairs, 1, latents, faults);
            if (texts != null) {
                texts.fill(captions);
            }
            shard.write(name);
            return new Encoded(true, List.copyOf(faults), kernels.arithmetic());
        }
    }

    /** Encodes those that the run may show one way round: not mirrored (0) or mirrored (1). */
    private void encode(List<Pair> pairs, int mirrored, LatentCache latents, Set<String> faults)
            throws IOException, FindingException, InterruptedException {
        DataSettings data = settings.data();
        List<Pair> shown = pairs.stream()
                .filter(pair -> mirrored == 0 ? flip(pair) < 1 : flip(pair) > 0)
                .map(pair -> pair.within(SetSettings.NONE))
                .toList();
        if (shown.isEmpty()) {
            return;
        }
        LatentPreparation preparation =
                model.kernels().device().isGpu() ? new LatentPreparation(latents) : LatentPreparation.oneByOne(latents);
        // Broken pictures are told of on another thread.
        Set<String> told = Collections.synchronizedSet(new LinkedHashSet<>());
        try (BatchSource source = new BatchSource(
                shown, data.still(mirrored), 1, 0, latents::missing, finding -> told.add(finding.message()))) {
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

    private double flip(Pair pair) {
        Double own = pair.set().flip();
        return own == null ? settings.data().flip() : own;
    }

    /** All captions that may be asked for, of pictures that are trained on and of those that are held out. */
    private Set<String> captions(List<Pair> pairs) {
        CaptionTools tools = new CaptionTools(settings.data().captions());
        CaptionTools still = new CaptionTools(settings.data().still().captions());
        Set<String> captions = new LinkedHashSet<>();
        for (Pair pair : pairs) {
            if (!tools.drawsTags(List.of(pair))) {
                captions.addAll(tools.possible(pair));
            }
            captions.addAll(still.possible(pair.still()));
        }
        return captions;
    }

    @Override
    public void close() {
        model.close();
        kernels.close();
    }
}
