package atelier.trainer.prepare;

import atelier.common.error.WrongCommandException;
import atelier.datasets.batch.DataSettings;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Pair;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.PairSource;
import atelier.datasets.pairs.PairSources;
import atelier.datasets.pairs.TextForm;
import atelier.diffusion.weights.Checkpoint;
import atelier.trainer.settings.TrainingSettings;
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
 * @param settings what was asked
 * @param pairs all pairs, prior-preservation pictures among them; not judged yet
 * @param validation those of validation.pairs; null where they come from the same pairs, or none are wanted
 * @param base the model that is trained on
 */
public record RunInputs(
        TrainingSettings settings, PairList pairs, @Nullable PairList validation, Checkpoint base) {
    /**
     * Opens the model, and reads the lists of pairs.
     *
     * @throws WrongCommandException naming a key whose file or folder is not there, or of no form that is read
     * @throws IOException when one of them cannot be read
     */
    public static RunInputs read(TrainingSettings settings) throws IOException {
        requireFiles(settings);
        Checkpoint base = Checkpoint.open(settings.model().requirePath());
        Path held = settings.validation().enabled() ? settings.validation().pairs() : null;
        PairList validation = null;
        if (held != null) {
            Path images = settings.validation().images();
            TextForm texts = settings.data().texts();
            validation = source(held, images == null ? settings.data().images() : images, texts)
                    .read();
        }
        return new RunInputs(settings, pairs(settings.data()), validation, base);
    }

    /** Lists of opt-outs are not among them: without one of them the run is refused, and its ledger says so. */
    private static void requireFiles(TrainingSettings settings) {
        require("model.path", settings.model().requirePath(), "it names a diffusers folder or a .safetensors file");
        require("adapter.init_from", settings.adapter().initFrom(), "it names an adapter, or a folder of PEFT's");
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
