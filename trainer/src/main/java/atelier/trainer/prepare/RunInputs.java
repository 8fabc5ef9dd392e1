package atelier.trainer.prepare;

import ai.djl.Device;
import atelier.common.error.WrongCommandException;
import atelier.datasets.batch.DataSettings;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Pair;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.PairSource;
import atelier.datasets.pairs.TextForm;
import atelier.datasets.pairs.form.PairSources;
import atelier.diffusion.model.BaseKind;
import atelier.diffusion.model.Devices;
import atelier.diffusion.model.ModelSettings;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a run reads, opened before it touches anything: a command that is wrong leaves earlier runs as they are.
 *
 * @param pairs all pairs, prior-preservation pictures among them; not judged yet
 * @param validation those of validation.pairs; null where they come from the same pairs, or none are wanted
 * @param base the model that is trained on
 */
public record RunInputs(PairList pairs, @Nullable PairList validation, Checkpoint base) {
    /**
     * Opens the model, and reads the lists of pairs.
     *
     * @param initial the adapter that the run starts from
     * @throws WrongCommandException naming a key whose file or folder is not there, or of no form that is read
     * @throws IOException when one of them cannot be read
     */
    public static RunInputs read(ModelSettings model, InitialAdapter initial, DataSettings data, HeldOutChoice heldOut)
            throws IOException {
        // Lists of opt-outs are not among them: without one of them the run is refused, and its ledger says so.
        require("model.path", model.requirePath(), "it names a diffusers folder or a .safetensors file");
        require("adapter.init_from", initial.file(), "it names an adapter, or a folder of PEFT's");
        String network = "it names a folder with config.json, or a .safetensors file";
        require("model.vae", model.vae(), network);
        require("model.text_encoder", model.textEncoder(), network);
        Checkpoint base = Checkpoint.open(model.source());
        BaseKind.untrainable(base).ifPresent(sentence -> {
            throw new WrongCommandException(sentence);
        });
        initial.requireFit(base);
        Path own = heldOut.pairs();
        PairList validation = null;
        if (own != null) {
            Path images = heldOut.images();
            validation = source(own, images == null ? data.images() : images, data.texts())
                    .read();
        }
        return new RunInputs(pairs(data), validation, base);
    }

    /**
     * Asks for every device of a run, and whether it knows the precisions.
     *
     * @param cached what captions and pictures are encoded in; null for the model's own
     * @param more devices beside the first
     * @throws WrongCommandException naming the key that asks for what is not there
     */
    public static void requireDevices(String device, Precision dtype, @Nullable Precision cached, List<String> more) {
        Device first = Devices.of(device);
        Devices.check(first, dtype, "model.dtype");
        if (cached != null) {
            Devices.check(first, cached, "train.cache_dtype");
        }
        more.forEach(Devices::of);
    }

    private static void require(String key, @Nullable Path path, String remedy) {
        if (path != null && !Files.exists(path)) {
            throw new WrongCommandException(key + ": '" + path + "' does not exist; " + remedy);
        }
    }

    private static PairSource source(Path pairs, Path images, TextForm texts) throws IOException {
        try {
            return PairSources.open(pairs, images, texts);
        } catch (FindingException e) {
            throw new WrongCommandException(e.finding().message());
        }
    }

    private static PairList pairs(DataSettings data) throws IOException {
        PairList own = source(data.pairs(), data.images(), data.texts()).read();
        Path prior = data.priorPairs();
        if (prior == null) {
            return own;
        }
        Path images = data.priorImages();
        if (images == null) {
            images = Files.isDirectory(prior) ? prior : prior.toAbsolutePath().getParent();
        }
        PairList more =
                source(prior, Objects.requireNonNull(images), data.texts()).read();
        List<Pair> all = new ArrayList<>(own.pairs());
        more.pairs().forEach(pair -> all.add(pair.asPrior(pair.repeats())));
        List<Finding> findings = new ArrayList<>(own.findings());
        findings.addAll(more.findings());
        return new PairList(all, findings);
    }
}
