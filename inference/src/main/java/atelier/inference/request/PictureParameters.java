package atelier.inference.request;

import atelier.diffusion.model.StableDiffusion;
import atelier.inference.picture.GenerationParameters;
import atelier.inference.picture.GenerationParameters.AdapterUse;
import atelier.inference.picture.GenerationParameters.EmbeddingUse;
import atelier.inference.picture.SafetyNote;
import atelier.inference.sampler.schedule.SamplerKind;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What pictures say of how they were made. */
public final class PictureParameters {
    private PictureParameters() {}

    public static GenerationParameters of(
            GenerationPlan plan,
            StableDiffusion model,
            ImageRequest request,
            GenerationPlan.Job job,
            long seed,
            @Nullable SafetyNote safety) {
        SamplingSettings sampling = request.sampling();
        SamplerKind kind = sampling.kind(model.checkpoint().schedulerConfig());
        SourceSettings source = plan.source();
        HiresSettings hires = request.hires();
        return new GenerationParameters(
                request.prompt(),
                request.negativePrompt(),
                seed,
                sampling.steps(),
                sampling.guidanceScale(),
                sampling.guidanceRescale(),
                sampling.guidanceStart(),
                sampling.guidanceEnd(),
                kind.key(),
                sampling.sampler() == null,
                nameOrNull(sampling.sigmaSchedule()),
                nameOrNull(sampling.spacing()),
                request.width(),
                request.height(),
                sampling.clipSkip(),
                name(sampling.rng()),
                FileName.of(plan.model()),
                plan.files().model(),
                name(model.precision()),
                adapters(plan, job),
                name(source.initImage()),
                digest(plan, source.initImage()),
                name(source.mask()),
                digest(plan, source.mask()),
                source.initImage() == null ? null : source.strength(),
                hires == null ? null : hires.scale(),
                hires == null ? null : hires.strength(),
                plan.embeddings().stream()
                        .map(choice -> new EmbeddingUse(
                                FileName.of(choice.file()),
                                choice.token(),
                                plan.files().others().get(choice.file())))
                        .toList(),
                plan.output().watermark(),
                safety,
                GenerationPlan.SOFTWARE);
    }

    private static List<AdapterUse> adapters(GenerationPlan plan, GenerationPlan.Job job) {
        return job.adapters().stream()
                .map(choice -> new AdapterUse(
                        FileName.of(choice.file()),
                        choice.weight(),
                        plan.files().others().get(choice.file()),
                        choice.blocks().isEmpty()
                                ? null
                                : choice.blocks().stream()
                                        .map(part -> part.block() + ":" + part.strength())
                                        .toList()))
                .toList();
    }

    private static @Nullable String name(@Nullable Path path) {
        return path == null ? null : FileName.of(path);
    }

    private static @Nullable String digest(GenerationPlan plan, @Nullable Path path) {
        return path == null ? null : plan.files().others().get(path);
    }

    private static @Nullable String nameOrNull(@Nullable Enum<?> constant) {
        return constant == null ? null : name(constant);
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
