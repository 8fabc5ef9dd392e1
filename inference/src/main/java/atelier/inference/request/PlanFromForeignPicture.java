package atelier.inference.request;

import atelier.diffusion.tensor.Precision;
import atelier.inference.foreign.ForeignParameters;
import atelier.inference.foreign.ForeignRecord;
import atelier.inference.prompt.PromptExpansion;
import atelier.inference.prompt.PromptTag;
import atelier.inference.request.GenerationPlan.FileDigests;
import atelier.inference.request.GenerationPlan.Job;
import atelier.inference.sampler.schedule.SamplerKind;
import atelier.inference.sampler.schedule.SigmaSpacing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The plan that draws what a picture of another program tells; what it asks for that is not here is named. */
final class PlanFromForeignPicture {
    private static final String PLACE = "the picture's prompt";

    private final ForeignRecord record;
    private final SamplingSettings sampling;
    private final SourceSettings source;
    private final OutputSettings output;
    private final AdapterAndEmbeddingSettings adapted;
    private final List<String> notices;

    /** @param notices filled with what a user should know */
    PlanFromForeignPicture(
            ForeignRecord record,
            SamplingSettings sampling,
            SourceSettings source,
            OutputSettings output,
            AdapterAndEmbeddingSettings adapted,
            List<String> notices) {
        this.record = record;
        this.sampling = sampling;
        this.source = source;
        this.output = output;
        this.adapted = adapted;
        this.notices = notices;
    }

    GenerationPlan of(Path model, Precision precision) throws IOException {
        ForeignParameters parameters = new ForeignParameters(record, notices::add);
        SamplingSettings settings = sampling(parameters);
        Long said = parameters.seed();
        long seed = RandomSeed.of(said == null ? -1 : said, "from_image", notices::add);
        SourceSettings begun = source(parameters);
        compare(parameters.model(), model);
        String positive = record.prompt() + parameters.ownAdapters();
        List<AdapterChoice> adapters = adapters(PromptTag.of(positive), parameters.adapterHashes());
        for (PromptTag tag : PromptTag.of(record.negativePrompt())) {
            notices.add("from_image: " + tag + " in the negative prompt - not known here; it is left out");
        }
        embeddings(parameters.embeddings());
        String prompt = composed(PromptTag.without(positive));
        parameters.tellTheRest();
        List<String> tags = Stream.of(positive, record.negativePrompt())
                .flatMap(text -> PromptTag.of(text).stream())
                .map(PromptTag::text)
                .toList();
        List<Job> jobs = List.of(new Job(
                prompt, PromptTag.without(record.negativePrompt()), List.of(seed), adapters, 1, PLACE, 1, tags));
        return new GenerationPlan(
                jobs,
                settings,
                begun,
                output,
                adapted.embeddings(),
                model,
                precision,
                FileDigests.of(model, jobs, adapted.embeddings(), begun),
                notices);
    }

    private SamplingSettings sampling(ForeignParameters parameters) {
        String otherwise = sampling.sampler() == null
                ? "null (the model's own)"
                : sampling.sampler().key();
        ForeignParameters.Sampling how = parameters.sampling(otherwise);
        SamplerKind kind = how.known() ? how.sampler() : sampling.sampler();
        String sigmas = how.sigmas();
        Integer steps = parameters.steps();
        Double scale = parameters.guidanceScale();
        return new SamplingSettings(
                steps == null ? sampling.steps() : steps,
                kind,
                sigmas == null ? null : SigmaSpacing.of(sigmas),
                null,
                scale == null ? sampling.guidanceScale() : scale,
                parameters.guidanceRescale(),
                0,
                1,
                parameters.clipSkip(),
                parameters.cpuNoise() ? NoiseKind.TORCH : NoiseKind.CUDA);
    }

    private SourceSettings source(ForeignParameters parameters) {
        int[] size = parameters.size();
        ForeignParameters.SecondPass second = parameters.secondPass(size);
        Double strength = parameters.strength();
        Path image = strength == null ? null : source.initImage();
        if (strength != null && image == null) {
            notices.add(
                    "from_image: Denoising strength: " + strength + " - the picture was drawn over another one, which"
                            + " it does not carry; it is drawn from noise, or name that picture: init_image=FILE");
        }
        if (strength == null && source.initImage() != null) {
            notices.add("from_image: the picture was drawn from noise, so init_image is left out");
        }
        return new SourceSettings(
                size == null ? null : size[0],
                size == null ? null : size[1],
                image,
                image == null ? null : source.mask(),
                strength == null || image == null || strength <= 0 ? source.strength() : Math.min(1, strength),
                second.scale(),
                second.strength() == null ? source.hiresStrength() : second.strength());
    }

    /** Says where the picture's model is not the one that draws now. */
    private void compare(ForeignParameters.Model made, Path model) throws IOException {
        String name = made.name();
        String hash = made.hash();
        Boolean fits = hash == null ? null : ModelHash.fits(model, hash);
        boolean sameName = name != null && FileName.stem(FileName.of(name)).equals(FileName.stem(FileName.of(model)));
        if (Boolean.TRUE.equals(fits) || (fits == null && sameName) || (name == null && hash == null)) {
            return;
        }
        String said = Stream.of(name == null ? "" : "Model: " + name, hash == null ? "" : "Model hash: " + hash)
                .filter(each -> !each.isEmpty())
                .reduce((a, b) -> a + ", " + b)
                .orElse("");
        notices.add("from_image: " + said + " - "
                + (fits == null
                        ? "model.path=" + model + " has another name"
                        : "model.path=" + model + " is another model")
                + ", and draws it; for the same picture name its own: model.path=FILE");
    }

    private List<AdapterChoice> adapters(List<PromptTag> tags, Map<String, String> hashes) throws IOException {
        AdapterTags finder = new AdapterTags(
                adapted.all().stream().map(AdapterChoice::file).toList(), adapted.adaptersDir(), adapted.blocks());
        List<AdapterChoice> adapters = new ArrayList<>();
        for (PromptTag tag : tags) {
            if (!AdapterTags.isAdapter(tag)) {
                notices.add("from_image: " + tag + " - not known here; it is left out");
            } else if (!finder.hasPlaces()) {
                notices.add("from_image: " + tag + " - no adapters are given; it is left out, or name the folder that"
                        + " holds it: adapters_dir=FOLDER");
            } else {
                AdapterChoice choice = finder.adapter(
                        tag,
                        PLACE,
                        unknown -> notices.add("from_image: " + tag + " - '" + unknown
                                + "' is not known here; the adapter is taken without it"));
                adapters.add(choice);
                String hash = hash(hashes, tag.arguments().get(0));
                if (hash != null && !ModelHash.fitsAdapter(choice.file(), hash)) {
                    notices.add("from_image: " + tag + " with the hash " + hash + " - " + choice.file()
                            + " has that name and is another file; it is taken");
                }
            }
        }
        for (AdapterChoice given : adapted.all()) {
            if (adapters.stream().noneMatch(used -> used.file().equals(given.file()))) {
                notices.add(
                        "from_image: the picture was made without the adapter " + given.file() + ", which is left out");
            }
        }
        return adapters;
    }

    private static @Nullable String hash(Map<String, String> hashes, String name) {
        return hashes.entrySet().stream()
                .filter(each -> FileName.of(each.getKey()).equals(FileName.stem(FileName.of(name))))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(null);
    }

    private void embeddings(List<String> names) {
        for (String name : names) {
            boolean given = adapted.embeddings().stream()
                    .anyMatch(choice -> name.equals(choice.token())
                            || FileName.stem(FileName.of(choice.file())).equals(name));
            if (!given) {
                notices.add(
                        "from_image: TI: " + name + " - this embedding is not given, so its name is drawn as a word;"
                                + " name its file: embeddings=[\"FILE:" + name + "\"]");
            }
        }
    }

    /** The prompt as one, with what other programs make of it named. */
    private String composed(String prompt) {
        String one = prompt;
        if (PromptExpansion.composes(prompt)) {
            one = PromptExpansion.joined(prompt);
            notices.add("from_image: AND - several prompts cannot be drawn into one picture here; they are drawn as one"
                    + " prompt: " + one);
        }
        if (PromptExpansion.chooses(one)) {
            notices.add("from_image: {a|b} or __name__ in the prompt - a picture's prompt is drawn as it stands, and"
                    + " nothing is chosen; write it in prompt= to choose");
        }
        if (record.program().equals("InvokeAI")
                && one.matches("(?s).*([\\w)](\\+\\+?|--)(\\W|$)|\\)\\d|\\)\\.(and|blend|swap)).*")) {
            notices.add(
                    "from_image: InvokeAI's weights (word++, (words)1.2, .and(), .blend()) - not known here; they are"
                            + " drawn as words; write (word:1.2) in prompt=");
        }
        return one;
    }
}
