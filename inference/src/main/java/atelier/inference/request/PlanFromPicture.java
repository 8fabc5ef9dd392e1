package atelier.inference.request;

import atelier.diffusion.adapter.math.BlockStrength;
import atelier.diffusion.tensor.Precision;
import atelier.inference.picture.GenerationParameters;
import atelier.inference.picture.GenerationParameters.AdapterUse;
import atelier.inference.request.GenerationPlan.FileDigests;
import atelier.inference.request.GenerationPlan.Job;
import atelier.inference.sampler.schedule.SamplerKind;
import atelier.inference.sampler.schedule.SigmaSpacing;
import atelier.inference.sampler.schedule.TimestepSpacing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** The plan that makes a picture again, from the record that it carries. */
final class PlanFromPicture {
    private PlanFromPicture() {}

    static GenerationPlan of(GenerationParameters record, SourceSettings source, OutputSettings output, Path configured)
            throws IOException {
        SamplingSettings sampling = new SamplingSettings(
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
                record.image() == null ? null : Path.of(record.image()),
                record.mask() == null ? null : Path.of(record.mask()),
                record.strength() == null ? source.strength() : record.strength(),
                record.hiresScale(),
                record.hiresStrength() == null ? source.hiresStrength() : record.hiresStrength());
        Path own = Path.of(record.model());
        Path model = Files.exists(own) ? own : configured;
        List<AdapterChoice> adapters =
                record.adapters().stream().map(PlanFromPicture::choice).toList();
        List<EmbeddingChoice> embeddings = record.embeddings().stream()
                .map(use -> new EmbeddingChoice(Path.of(use.file()), use.token()))
                .toList();
        List<Job> jobs = List.of(new Job(
                record.prompt(), record.negativePrompt(), List.of(record.seed()), adapters, 1, "the picture's prompt"));
        return new GenerationPlan(
                jobs,
                sampling,
                begun,
                record.watermark() == null ? output : output.withWatermark(record.watermark()),
                embeddings,
                model,
                Precision.valueOf(upper(record.dtype())),
                FileDigests.of(model, jobs, embeddings));
    }

    private static AdapterChoice choice(AdapterUse use) {
        List<String> blocks = use.blocks() == null ? List.of() : use.blocks();
        return new AdapterChoice(
                Path.of(use.file()),
                use.weight(),
                blocks.stream().map(BlockStrength::parse).toList());
    }

    private static String upper(String name) {
        return name.toUpperCase(Locale.ROOT);
    }

    /** What a picture of another program leaves open. */
    static GenerationParameters unknown(SamplingSettings sampling, Path model, Precision precision) {
        SamplerKind kind = sampling.sampler() == null ? SamplerKind.DDIM : sampling.sampler();
        return new GenerationParameters(
                "",
                "",
                0,
                sampling.steps(),
                sampling.guidanceScale(),
                0,
                0,
                1,
                kind.key(),
                false,
                null,
                null,
                512,
                512,
                0,
                "torch",
                model.toString(),
                null,
                precision.name().toLowerCase(Locale.ROOT),
                List.of(),
                null,
                null,
                null,
                null,
                null,
                List.of(),
                null,
                null,
                "");
    }
}
