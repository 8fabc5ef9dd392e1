package atelier.inference;

import atelier.diffusion.model.StableDiffusion;
import atelier.inference.picture.GenerationRecord;
import atelier.inference.picture.Grid;
import atelier.inference.picture.InvisibleWatermark;
import atelier.inference.picture.PictureFile;
import atelier.inference.picture.PictureFormat;
import atelier.inference.sampler.SamplerKind;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Draws all that one command asks for, and writes each picture as soon as it is done. */
public final class Generation {
    private final GenerationPlan plan;
    private final StableDiffusion model;
    private final TextToImage pipeline;
    private final Consumer<String> messages;
    private boolean smallSaid;

    /**
     * @param model with the plan's adapters in it; stays the caller's
     * @param messages hears what a user should know
     */
    public Generation(GenerationPlan plan, StableDiffusion model, Consumer<String> messages) {
        this.plan = plan;
        this.model = model;
        this.pipeline = new TextToImage(model);
        this.messages = messages;
    }

    /** Hears how far the work is. */
    public interface Progress {
        /**
         * @param picture pictures done
         * @param pictures pictures in all
         * @param call model calls done of the pictures at work
         * @param calls model calls of the pictures at work
         * @return whether to go on
         */
        boolean at(int picture, int pictures, int call, int calls);
    }

    /** Draws and writes; gives the files in order. */
    public List<Path> run(Progress progress) throws IOException {
        List<GenerationPlan.Job> jobs = plan.jobs();
        int all = jobs.stream().mapToInt(job -> job.seeds().size()).sum();
        List<Path> files = new ArrayList<>();
        List<List<BufferedImage>> rows = new ArrayList<>();
        for (int number = 0; number < jobs.size(); number++) {
            GenerationPlan.Job job = jobs.get(number);
            List<BufferedImage> row = new ArrayList<>();
            for (int from = 0; from < job.seeds().size(); from += plan.output().batchSize()) {
                int to = Math.min(from + plan.output().batchSize(), job.seeds().size());
                List<Long> seeds = job.seeds().subList(from, to);
                ImageRequest request = request(job, seeds);
                int done = files.size();
                List<BufferedImage> pictures =
                        pipeline.draw(request, (call, calls, latents) -> progress.at(done, all, call, calls));
                for (int i = 0; i < pictures.size(); i++) {
                    String name = jobs.size() == 1 ? "" : (number + 1) + "-";
                    files.add(write(pictures.get(i), request, seeds.get(i), name));
                }
                row.addAll(pictures);
            }
            rows.add(row);
        }
        if (plan.output().grid()) {
            files.add(writeGrid(jobs, rows));
        }
        return files;
    }

    private ImageRequest request(GenerationPlan.Job job, List<Long> seeds) throws IOException {
        SourceSettings source = plan.source();
        Path image = source.image();
        Path mask = source.mask();
        StartingPicture start = image == null
                ? null
                : new StartingPicture(
                        PictureFile.read(image), mask == null ? null : PictureFile.read(mask), source.strength());
        int grid = model.autoencoder().config().factor();
        Integer width = source.width();
        Integer height = source.height();
        int ownWidth =
                start == null ? pipeline.nativeSize() : toGrid(start.picture().getWidth(), grid);
        int ownHeight =
                start == null ? pipeline.nativeSize() : toGrid(start.picture().getHeight(), grid);
        return new ImageRequest(
                job.prompt(),
                job.negativePrompt(),
                seeds,
                width == null ? ownWidth : width,
                height == null ? ownHeight : height,
                plan.sampling(),
                start,
                source.hires());
    }

    private static int toGrid(int side, int grid) {
        return Math.max(grid, side / grid * grid);
    }

    private Path write(BufferedImage picture, ImageRequest request, long seed, String prefix) throws IOException {
        PictureFormat format = plan.output().format();
        Path file = plan.output().out().resolve(prefix + seed + "." + format.ending());
        if (plan.output().watermark()) {
            watermark(picture);
        }
        PictureFile.write(
                file, picture, record(request, seed), format, plan.output().quality());
        return file;
    }

    private void watermark(BufferedImage picture) {
        if (InvisibleWatermark.fits(picture.getWidth(), picture.getHeight())) {
            InvisibleWatermark.embed(picture);
        } else if (!smallSaid) {
            smallSaid = true;
            messages.accept("pictures under 256x256 pixels cannot carry the invisible watermark; their metadata says"
                    + " that they are generated");
        }
    }

    private Path writeGrid(List<GenerationPlan.Job> jobs, List<List<BufferedImage>> rows) throws IOException {
        boolean single = jobs.size() == 1;
        List<String> columns = single
                ? jobs.get(0).seeds().stream().map(seed -> "seed " + seed).toList()
                : List.of();
        List<String> labels = single
                ? List.of()
                : jobs.stream().map(GenerationPlan.Job::prompt).toList();
        Path file = plan.output().out().resolve("grid.png");
        PictureFile.write(file, Grid.of(rows, labels, columns), null, PictureFormat.PNG, 100);
        return file;
    }

    private GenerationRecord record(ImageRequest request, long seed) {
        SamplingSettings sampling = request.sampling();
        SamplerKind kind = sampling.kind(model.checkpoint().schedulerConfig());
        SourceSettings source = plan.source();
        HiresSettings hires = request.hires();
        return new GenerationRecord(
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
                nameOrNull(sampling.sigmas()),
                nameOrNull(sampling.spacing()),
                request.width(),
                request.height(),
                sampling.clipSkip(),
                name(sampling.noise()),
                plan.model().toString(),
                plan.modelHash(),
                name(model.precision()),
                plan.adapterUses(),
                text(source.image()),
                text(source.mask()),
                source.image() == null ? null : source.strength(),
                hires == null ? null : hires.scale(),
                hires == null ? null : hires.strength(),
                GenerationPlan.SOFTWARE);
    }

    private static @Nullable String text(@Nullable Path path) {
        return path == null ? null : path.toString();
    }

    private static @Nullable String nameOrNull(@Nullable Enum<?> constant) {
        return constant == null ? null : name(constant);
    }

    private static String name(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
