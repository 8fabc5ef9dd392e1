package atelier.inference;

import atelier.inference.picture.GenerationRecord;
import atelier.inference.picture.GenerationRecord.AdapterUse;
import atelier.inference.picture.PictureFile;
import atelier.inference.sampler.SamplerKind;
import atelier.inference.sampler.SigmaSpacing;
import atelier.inference.sampler.TimestepSpacing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * All that is to be drawn, with every file that names prompts or an older picture read.
 *
 * @param jobs prompts with their seeds
 * @param sampling how
 * @param source size and starting picture
 * @param output where to
 * @param model path of the model
 * @param modelHash first ten digits of the SHA-256 of its UNet; null where the model is too large to hash in passing
 * @param adapters with their weights
 * @param adapterUses the same, hashed
 */
public record GenerationPlan(
        List<Job> jobs,
        SamplingSettings sampling,
        SourceSettings source,
        OutputSettings output,
        Path model,
        @Nullable String modelHash,
        List<AdapterChoice> adapters,
        List<AdapterUse> adapterUses) {

    static final String SOFTWARE = "Atelier 0.1.0";
    private static final long LARGEST_HASHED = 64L << 20;
    private static final int SHORT_HASH = 10;

    public GenerationPlan {
        jobs = List.copyOf(jobs);
        adapters = List.copyOf(adapters);
        adapterUses = List.copyOf(adapterUses);
    }

    /** One prompt's pictures. */
    public record Job(String prompt, String negativePrompt, List<Long> seeds) {
        public Job {
            seeds = List.copyOf(seeds);
        }
    }

    /**
     * Reads prompts, or the picture that is made again: its own record then replaces prompt, seed, sampling, size and
     * adapters, and the model if it still lies where it was.
     *
     * @throws IllegalArgumentException naming the file and line that do not fit
     */
    public static GenerationPlan of(
            PromptSettings words,
            SamplingSettings sampling,
            SourceSettings source,
            OutputSettings output,
            Path model,
            List<AdapterChoice> adapters)
            throws IOException {
        Path from = words.from();
        if (from != null) {
            return again(PictureFile.record(from, unknown(sampling, model)), source, output, model);
        }
        List<Job> jobs = new ArrayList<>();
        for (PromptList.Entry entry : entries(words)) {
            String negative = entry.negativePrompt() == null ? words.negativePrompt() : entry.negativePrompt();
            long first = entry.seed() == null ? words.seed() : entry.seed();
            jobs.add(new Job(
                    entry.prompt(),
                    negative,
                    LongStream.range(first, first + words.count()).boxed().toList()));
        }
        return new GenerationPlan(jobs, sampling, source, output, model, hash(unet(model)), adapters, uses(adapters));
    }

    private static List<PromptList.Entry> entries(PromptSettings words) throws IOException {
        Path file = words.prompts();
        if (file != null) {
            return PromptList.read(file);
        }
        String prompt = words.prompt();
        return List.of(new PromptList.Entry(prompt == null ? "" : prompt, null, null));
    }

    private static GenerationPlan again(
            GenerationRecord record, SourceSettings source, OutputSettings output, Path configured) throws IOException {
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
                NoiseKind.valueOf(record.noise().toUpperCase(Locale.ROOT)));
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
        List<AdapterChoice> adapters = record.adapters().stream()
                .map(use -> new AdapterChoice(Path.of(use.file()), use.weight()))
                .toList();
        Job job = new Job(record.prompt(), record.negativePrompt(), List.of(record.seed()));
        return new GenerationPlan(
                List.of(job), sampling, begun, output, model, hash(unet(model)), adapters, uses(adapters));
    }

    /** What a picture of another program leaves open. */
    private static GenerationRecord unknown(SamplingSettings sampling, Path model) {
        SamplerKind kind = sampling.sampler() == null ? SamplerKind.DDIM : sampling.sampler();
        return new GenerationRecord(
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
                "fp32",
                List.of(),
                null,
                null,
                null,
                null,
                null,
                "");
    }

    private static List<AdapterUse> uses(List<AdapterChoice> adapters) throws IOException {
        List<AdapterUse> uses = new ArrayList<>();
        for (AdapterChoice choice : adapters) {
            String hash = Files.isRegularFile(choice.file()) ? FileHash.sha256(choice.file()) : null;
            uses.add(new AdapterUse(choice.file().toString(), choice.weight(), hash));
        }
        return uses;
    }

    private static Path unet(Path model) {
        return Files.isDirectory(model) ? model.resolve("unet/diffusion_pytorch_model.safetensors") : model;
    }

    private static @Nullable String hash(Path file) throws IOException {
        if (!Files.isRegularFile(file) || Files.size(file) > LARGEST_HASHED) {
            return null;
        }
        return FileHash.sha256(file).substring(0, SHORT_HASH);
    }
}
