package atelier.inference.request;

import atelier.common.file.Sha256;
import atelier.diffusion.tensor.Precision;
import atelier.inference.picture.GenerationParameters;
import atelier.inference.picture.PictureFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * All that is to be drawn, with every file that names prompts or an older picture read.
 *
 * @param jobs prompts with their seeds and adapters
 * @param sampling how
 * @param source size and starting picture
 * @param output where to
 * @param embeddings textual inversions that prompts may use
 * @param model path of the model
 * @param precision that the networks run in
 * @param files digests of model, adapters and embeddings
 */
public record GenerationPlan(
        List<Job> jobs,
        SamplingSettings sampling,
        SourceSettings source,
        OutputSettings output,
        List<EmbeddingChoice> embeddings,
        Path model,
        Precision precision,
        FileDigests files) {

    /** Name and version as pictures say them; without a version where the classes do not come from a jar. */
    static final String SOFTWARE = software(GenerationPlan.class.getPackage().getImplementationVersion());

    public GenerationPlan {
        jobs = List.copyOf(jobs);
        embeddings = List.copyOf(embeddings);
    }

    private static String software(@Nullable String version) {
        return version == null ? "Atelier" : "Atelier " + version;
    }

    /**
     * One prompt's pictures.
     *
     * @param place where the prompt stands, for messages
     * @param strength factor of the adapters' weights, which is in them already
     */
    public record Job(
            String prompt,
            String negativePrompt,
            List<Long> seeds,
            List<AdapterChoice> adapters,
            double strength,
            String place) {
        public Job {
            seeds = List.copyOf(seeds);
            adapters = List.copyOf(adapters);
        }
    }

    /** The adapters of each job. */
    public List<List<AdapterChoice>> adapterSets() {
        return jobs.stream().map(Job::adapters).distinct().toList();
    }

    /** Whether every picture has the same prompts and adapters, so that text is encoded once. */
    public boolean hasOneText() {
        return adapterSets().size() == 1
                && jobs.stream()
                                .map(job -> List.of(job.prompt(), job.negativePrompt()))
                                .distinct()
                                .count()
                        == 1;
    }

    /** Whether the jobs differ in the strength of their adapters. */
    public boolean sweeps() {
        return jobs.stream().mapToDouble(Job::strength).distinct().count() > 1;
    }

    /**
     * Reads prompts, or the picture that is made again: its own record then replaces prompt, seed, sampling, size, adapters,
     * embeddings and precision, and the model if it still lies where it was.
     *
     * @throws WrongCommandException naming the file and line that do not fit
     */
    public static GenerationPlan of(
            PromptSettings words,
            SamplingSettings sampling,
            SourceSettings source,
            OutputSettings output,
            AdapterAndEmbeddingSettings adapted,
            Path model,
            Precision precision)
            throws IOException {
        Path from = words.fromImage();
        if (from != null) {
            GenerationParameters otherwise = PlanFromPicture.unknown(sampling, model, precision);
            return PlanFromPicture.of(PictureFile.record(from, otherwise), source, output, model);
        }
        List<Job> jobs = new ArrayList<>();
        for (PromptList.Entry entry : entries(words)) {
            String negative = entry.negativePrompt() == null ? words.negativePrompt() : entry.negativePrompt();
            long first = entry.seed() == null ? words.seed() : entry.seed();
            List<AdapterChoice> adapters = entry.adapters() == null ? adapted.all() : entry.adapters();
            List<Long> seeds =
                    LongStream.range(first, first + words.count()).boxed().toList();
            for (double strength : adapted.strengths()) {
                jobs.add(new Job(
                        entry.prompt(),
                        negative,
                        seeds,
                        adapters.stream()
                                .map(adapter -> adapter.times(strength))
                                .toList(),
                        strength,
                        entry.place()));
            }
        }
        return new GenerationPlan(
                jobs,
                sampling,
                source,
                output,
                adapted.embeddings(),
                model,
                precision,
                FileDigests.of(model, jobs, adapted.embeddings()));
    }

    private static List<PromptList.Entry> entries(PromptSettings words) throws IOException {
        Path file = words.prompts();
        if (file != null) {
            return PromptList.read(file);
        }
        String prompt = words.prompt();
        return List.of(new PromptList.Entry(prompt == null ? "" : prompt, null, null, null, "the prompt"));
    }

    /**
     * Digests of the files that pictures are made of.
     *
     * @param model first ten digits of the SHA-256 of the UNet; null where the model is too large to hash in passing
     * @param others SHA-256 of adapters and embeddings
     */
    public record FileDigests(@Nullable String model, Map<Path, String> others) {
        private static final long LARGEST_HASHED = 64L << 20;
        private static final int SHORT_HASH = 10;

        public FileDigests {
            others = Map.copyOf(others);
        }

        static FileDigests of(Path model, List<Job> jobs, List<EmbeddingChoice> embeddings) throws IOException {
            List<Path> files = new ArrayList<>();
            jobs.forEach(job -> job.adapters().forEach(adapter -> files.add(adapter.file())));
            embeddings.forEach(embedding -> files.add(embedding.file()));
            Map<Path, String> others = new HashMap<>();
            for (Path file : files) {
                if (Files.isRegularFile(file) && !others.containsKey(file)) {
                    others.put(file, Sha256.of(file));
                }
            }
            Path unet = Files.isDirectory(model) ? model.resolve("unet/diffusion_pytorch_model.safetensors") : model;
            boolean small = Files.isRegularFile(unet) && Files.size(unet) <= LARGEST_HASHED;
            return new FileDigests(small ? Sha256.of(unet).substring(0, SHORT_HASH) : null, others);
        }
    }
}
