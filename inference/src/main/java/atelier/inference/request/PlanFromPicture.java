package atelier.inference.request;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.adapter.math.BlockStrength;
import atelier.diffusion.tensor.Precision;
import atelier.inference.foreign.ForeignRecord;
import atelier.inference.foreign.ForeignRecords;
import atelier.inference.picture.GenerationParameters;
import atelier.inference.picture.GenerationParameters.AdapterUse;
import atelier.inference.picture.GenerationParameters.EmbeddingUse;
import atelier.inference.picture.PictureFile;
import atelier.inference.picture.PictureTexts;
import atelier.inference.request.GenerationPlan.FileDigests;
import atelier.inference.request.GenerationPlan.Job;
import atelier.inference.sampler.schedule.SamplerKind;
import atelier.inference.sampler.schedule.SigmaSpacing;
import atelier.inference.sampler.schedule.TimestepSpacing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The plan that makes a picture again, from the record that it carries. Its files are found by name and digest: the model
 * is model.path, adapters are among adapters and in adapters_dir, embeddings among embeddings, and the picture that it
 * started from is init_image or lies beside it.
 */
final class PlanFromPicture {
    private static final String PLACE = "the picture's prompt";

    private final PromptSettings words;
    private final SamplingSettings sampling;
    private final SourceSettings source;
    private final OutputSettings output;
    private final AdapterAndEmbeddingSettings adapted;
    private final List<String> notices = new ArrayList<>();

    PlanFromPicture(
            PromptSettings words,
            SamplingSettings sampling,
            SourceSettings source,
            OutputSettings output,
            AdapterAndEmbeddingSettings adapted) {
        this.words = words;
        this.sampling = sampling;
        this.source = source;
        this.output = output;
        this.adapted = adapted;
    }

    /**
     * @param model that the command names
     * @param precision of a picture that does not say its own
     */
    GenerationPlan of(Path model, Precision precision) throws IOException {
        Path from = Objects.requireNonNull(words.fromImage());
        PictureTexts texts = PictureFile.texts(from);
        Optional<GenerationParameters> own = texts.own();
        if (own.isPresent()) {
            return again(from, own.get(), model);
        }
        ForeignRecord record = ForeignRecords.of(texts)
                .orElseThrow(() -> new WrongCommandException(from
                        + " carries no record of how it was made; from_image= needs a picture as this program,"
                        + " AUTOMATIC1111's web UI, Forge, SD.Next, ComfyUI, InvokeAI, Fooocus or NovelAI wrote it"));
        return new PlanFromForeignPicture(record, sampling, source, output, adapted, notices).of(model, precision);
    }

    private GenerationPlan again(Path from, GenerationParameters record, Path configured) throws IOException {
        SamplingSettings settings = new SamplingSettings(
                record.steps(),
                record.ownScheduler() ? null : SamplerKind.of(record.sampler()),
                record.sigmas() == null ? null : SigmaSpacing.of(record.sigmas()),
                record.spacing() == null ? null : TimestepSpacing.of(record.spacing()),
                record.guidanceScale(),
                record.guidanceRescale(),
                record.guidanceStart(),
                record.guidanceEnd(),
                record.clipSkip(),
                NoiseKind.valueOf(upper(record.noise())));
        SourceSettings begun = new SourceSettings(
                record.width(),
                record.height(),
                picture(
                        from,
                        "starting picture",
                        record.image(),
                        record.imageSha256(),
                        source.initImage(),
                        "init_image"),
                picture(from, "mask", record.mask(), record.maskSha256(), source.mask(), "mask"),
                record.strength() == null ? source.strength() : record.strength(),
                record.hiresScale(),
                record.hiresStrength() == null ? source.hiresStrength() : record.hiresStrength());
        Path model = model(record, configured);
        List<AdapterChoice> adapters = adapters(record.adapters());
        List<EmbeddingChoice> embeddings = embeddings(record.embeddings());
        List<Job> jobs = List.of(new Job(
                record.prompt(), record.negativePrompt(), List.of(record.seed()), adapters, 1, PLACE, 1, List.of()));
        return new GenerationPlan(
                jobs,
                settings,
                begun,
                record.watermark() == null ? output : output.withWatermark(record.watermark()),
                embeddings,
                model,
                Precision.valueOf(upper(record.dtype())),
                FileDigests.of(model, jobs, embeddings, begun),
                notices);
    }

    private static @Nullable Path picture(
            Path from, String kind, @Nullable String name, @Nullable String sha256, @Nullable Path given, String key)
            throws IOException {
        if (name == null) {
            return null;
        }
        if (given != null && sha256 == null) {
            return given;
        }
        List<Path> places = Stream.of(given, beside(from, FileName.of(name)))
                .filter(Objects::nonNull)
                .map(Path.class::cast)
                .toList();
        return new RecordedFiles(places, null).find(kind, name, sha256, key + "=FILE");
    }

    private static @Nullable Path beside(Path picture, String name) {
        try {
            return picture.resolveSibling(name);
        } catch (InvalidPathException e) {
            return null; // another system's name
        }
    }

    private List<AdapterChoice> adapters(List<AdapterUse> uses) throws IOException {
        RecordedFiles files = new RecordedFiles(
                adapted.all().stream().map(AdapterChoice::file).toList(), adapted.adaptersDir());
        List<AdapterChoice> adapters = new ArrayList<>();
        for (AdapterUse use : uses) {
            List<String> blocks = use.blocks() == null ? List.of() : use.blocks();
            Path file = files.find(
                    "adapter", use.file(), use.sha256(), "adapters=[FILE], or its folder, adapters_dir=FOLDER");
            adapters.add(new AdapterChoice(
                    file,
                    use.weight(),
                    blocks.stream().map(BlockStrength::parse).toList()));
        }
        files.unused()
                .forEach(file -> notices.add(
                        "from_image: the picture was made without the adapter " + file + ", which is left out"));
        return adapters;
    }

    private List<EmbeddingChoice> embeddings(List<EmbeddingUse> uses) throws IOException {
        RecordedFiles files = new RecordedFiles(
                adapted.embeddings().stream().map(EmbeddingChoice::file).toList(), null);
        List<EmbeddingChoice> embeddings = new ArrayList<>();
        for (EmbeddingUse use : uses) {
            Path file = files.find("embedding", use.file(), use.sha256(), "embeddings=[FILE]");
            embeddings.add(new EmbeddingChoice(file, use.token()));
        }
        return embeddings;
    }

    /** The model that the picture names where it is at hand, else the one that the command names. */
    private Path model(GenerationParameters record, Path configured) throws IOException {
        String name = FileName.of(record.model());
        String hash = record.modelHash();
        Path old = existing(record.model());
        if (old != null && !old.toString().equals(name)) {
            return old; // a picture of the first versions, and its model still lies there
        }
        Path below = Files.isDirectory(configured) && !Files.exists(configured.resolve("model_index.json"))
                ? configured.resolve(name)
                : configured;
        Path model = Files.exists(below) ? below : configured;
        String own = FileDigests.ofModel(model);
        boolean same = hash != null && own != null
                ? hash.equals(own)
                : FileName.of(model).equals(name);
        if (!same) {
            notices.add("from_image: the picture was made with the model '" + name + "'"
                    + (hash == null ? "" : " (" + hash + ")") + ", and model.path=" + model
                    + (own == null ? "" : " (" + own + ")")
                    + " is another, which draws it now; for the same picture write model.path=FOLDER/" + name);
        }
        return model;
    }

    private static @Nullable Path existing(String recorded) {
        try {
            Path path = Path.of(recorded);
            return Files.exists(path) ? path : null;
        } catch (InvalidPathException e) {
            return null; // another system's path
        }
    }

    private static String upper(String name) {
        return name.toUpperCase(Locale.ROOT);
    }
}
