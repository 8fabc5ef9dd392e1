package atelier.inference.request;

import atelier.diffusion.tensor.Precision;
import atelier.inference.prompt.PromptExpansion;
import atelier.inference.prompt.PromptTag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
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
 * @param notices what a user should know before the drawing begins
 */
public record GenerationPlan(
        List<Job> jobs,
        SamplingSettings sampling,
        SourceSettings source,
        OutputSettings output,
        List<EmbeddingChoice> embeddings,
        Path model,
        Precision precision,
        FileDigests files,
        List<String> notices) {

    /** Name and version as pictures say them; without a version where the classes do not come from a jar. */
    static final String SOFTWARE = software(GenerationPlan.class.getPackage().getImplementationVersion());

    public GenerationPlan {
        jobs = List.copyOf(jobs);
        embeddings = List.copyOf(embeddings);
        notices = List.copyOf(notices);
    }

    private static String software(@Nullable String version) {
        return version == null ? "Atelier" : "Atelier " + version;
    }

    /**
     * One prompt's pictures.
     *
     * @param place where the prompt stands, for messages
     * @param strength factor of the adapters' weights, which is in them already
     * @param number of the prompt, counted from 1; where a prompt chooses words by the seed, its pictures are several jobs
     * @param tags of the prompt as they were written, such as lora:style:0.8
     */
    public record Job(
            String prompt,
            String negativePrompt,
            List<Long> seeds,
            List<AdapterChoice> adapters,
            double strength,
            String place,
            int number,
            List<String> tags) {
        public Job {
            seeds = List.copyOf(seeds);
            tags = List.copyOf(tags);
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

    /** How many prompts there are, each drawn with one strength. */
    public int prompts() {
        return (int) jobs.stream().mapToInt(Job::number).distinct().count();
    }

    /** Whether the jobs differ in the strength of their adapters. */
    public boolean sweeps() {
        return jobs.stream().mapToDouble(Job::strength).distinct().count() > 1;
    }

    /**
     * Reads prompts, or the picture that is made again: its own record then replaces prompt, seed, sampling, size, adapters,
     * embeddings and precision; their files are found by name and digest among those that the command names.
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
        if (words.fromImage() != null) {
            return new PlanFromPicture(words, sampling, source, output, adapted).of(model, precision);
        }
        List<String> notices = new ArrayList<>();
        PromptExpansion expansion = new PromptExpansion(words.wildcards().dir());
        AdapterTags tags = new AdapterTags(List.of(), adapted.adaptersDir(), adapted.blocks());
        long seed = RandomSeed.of(words.seed(), "the command", notices::add);
        List<Job> jobs = new ArrayList<>();
        int number = 0;
        for (PromptList.Entry entry : entries(words)) {
            String negative = entry.negativePrompt() == null ? words.negativePrompt() : entry.negativePrompt();
            long first = entry.seed() == null ? seed : RandomSeed.of(entry.seed(), entry.place(), notices::add);
            List<AdapterChoice> own = entry.adapters() == null ? adapted.all() : entry.adapters();
            Map<List<PromptExpansion.Expanded>, List<Long>> drawn = new LinkedHashMap<>();
            for (long each = first; each < first + words.count(); each++) {
                drawn.computeIfAbsent(
                                expansion.of(each, entry.place(), entry.prompt(), negative), key -> new ArrayList<>())
                        .add(each);
            }
            for (double strength : adapted.strengths()) {
                number++;
                for (Map.Entry<List<PromptExpansion.Expanded>, List<Long>> texts : drawn.entrySet()) {
                    List<PromptTag> named = PromptExpansion.tags(texts.getKey());
                    List<AdapterChoice> adapters = new ArrayList<>(own);
                    adapters.addAll(tags.adapters(named, entry.place()));
                    jobs.add(new Job(
                            texts.getKey().get(0).text(),
                            texts.getKey().get(1).text(),
                            texts.getValue(),
                            adapters.stream()
                                    .map(adapter -> adapter.times(strength))
                                    .toList(),
                            strength,
                            entry.place(),
                            number,
                            named.stream().map(PromptTag::text).toList()));
                }
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
                FileDigests.of(model, jobs, adapted.embeddings(), source),
                notices);
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
     * @param others SHA-256 of adapters, embeddings and the pictures that are started from
     */
    public record FileDigests(@Nullable String model, Map<Path, String> others) {
        private static final long LARGEST_HASHED = 64L << 20;
        private static final int SHORT_HASH = 10;

        public FileDigests {
            others = Map.copyOf(others);
        }

        static FileDigests of(Path model, List<Job> jobs, List<EmbeddingChoice> embeddings, SourceSettings source)
                throws IOException {
            List<Path> files = new ArrayList<>();
            jobs.forEach(job -> job.adapters().forEach(adapter -> files.add(adapter.file())));
            embeddings.forEach(embedding -> files.add(embedding.file()));
            Stream.of(source.initImage(), source.mask())
                    .filter(Objects::nonNull)
                    .forEach(files::add);
            Map<Path, String> others = new HashMap<>();
            for (Path file : files) {
                String digest = others.containsKey(file) ? null : of(file);
                if (digest != null) {
                    others.put(file, digest);
                }
            }
            return new FileDigests(ofModel(model), others);
        }

        /** The digest of a file, or of the weights in PEFT's folder; null where there is none. */
        static @Nullable String of(Path file) throws IOException {
            Path weights = Files.isDirectory(file) ? file.resolve("adapter_model.safetensors") : file;
            return Files.isRegularFile(weights) ? KnownDigests.of(weights) : null;
        }

        static @Nullable String ofModel(Path model) throws IOException {
            Path unet = Files.isDirectory(model) ? model.resolve("unet/diffusion_pytorch_model.safetensors") : model;
            boolean small = Files.isRegularFile(unet) && Files.size(unet) <= LARGEST_HASHED;
            return small ? KnownDigests.of(unet).substring(0, SHORT_HASH) : null;
        }
    }
}
