package atelier.inference.draw;

import atelier.diffusion.model.StableDiffusion;
import atelier.inference.picture.Grid;
import atelier.inference.picture.InvisibleWatermark;
import atelier.inference.picture.PictureFile;
import atelier.inference.picture.PictureFormat;
import atelier.inference.request.GenerationPlan;
import atelier.inference.request.ImageRequest;
import atelier.inference.request.PictureMetadata;
import atelier.inference.request.PictureParameters;
import atelier.inference.request.SourceSettings;
import atelier.inference.request.StartingPicture;
import atelier.inference.safety.SafetyFilter;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** Draws all that one command asks for, and writes each picture as soon as it is done. */
public final class PictureGeneration {
    private static final BufferedImage NOT_KEPT = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);

    private final GenerationPlan plan;
    private final ModelSession adapted;
    private final StableDiffusion model;
    private final TextToImage pipeline;
    private final SafetyFilter safety;
    private final BatchLimit limit;
    private final Consumer<String> messages;
    private boolean smallSaid;

    /**
     * For a model that draws this plan alone.
     *
     * @param adapted opened for the plan's sets of adapters; stays the caller's
     * @param safety looks at every picture; stays the caller's
     * @param messages hears what a user should know
     * @throws WrongCommandException if an embedding is not for the model
     */
    public PictureGeneration(GenerationPlan plan, ModelSession adapted, SafetyFilter safety, Consumer<String> messages)
            throws IOException {
        this(plan, adapted, safety, messages, false);
    }

    /**
     * As the other one.
     *
     * @param more whether the model draws other plans later: its text encoders then stay loaded
     */
    public PictureGeneration(
            GenerationPlan plan, ModelSession adapted, SafetyFilter safety, Consumer<String> messages, boolean more)
            throws IOException {
        this.plan = plan;
        this.adapted = adapted;
        this.model = adapted.model();
        this.pipeline = new TextToImage(model, plan.output().vaeTile(), plan.hasOneText() && !more);
        this.safety = safety;
        this.limit = new BatchLimit(plan.output().batchSize(), messages);
        this.messages = messages;
        adapted.addEmbeddings(plan.embeddings());
    }

    /** Hears how far the work is. */
    public interface Progress {
        /**
         * @param picture pictures done
         * @param pictures pictures in all
         * @param call model calls done of the pictures at work
         * @param calls model calls of the pictures at work
         * @return whether to go on; where not, what is finished stays and
         *     {@link java.util.concurrent.CancellationException} ends the run
         */
        boolean at(int picture, int pictures, int call, int calls);

        /** A file is written. */
        default void written(Path file) {}

        /** Whether somebody wants to see the picture at work as it is now; asked after each model call. */
        default boolean wantsPreview() {
            return false;
        }

        /** What the first of the pictures at work looks like now, in few pixels. */
        default void preview(BufferedImage picture) {}
    }

    /** Draws and writes; gives the files in order. */
    public List<Path> run(Progress progress) throws IOException {
        int all = plan.jobs().stream().mapToInt(job -> job.seeds().size()).sum();
        List<Path> files = new ArrayList<>();
        List<List<BufferedImage>> rows = new ArrayList<>();
        for (GenerationPlan.Job job : plan.jobs()) {
            adapted.use(job.adapters());
            if (rows.size() < job.number()) {
                rows.add(new ArrayList<>());
            }
            List<BufferedImage> row = rows.get(rows.size() - 1);
            String name = plan.prompts() == 1 ? "" : job.number() + "-";
            int before = row.size();
            while (row.size() - before < job.seeds().size()) {
                ImageRequest request = request(
                        job,
                        job.seeds().subList(row.size() - before, job.seeds().size()));
                request = request.first(limit.pictures(model, request));
                List<BufferedImage> pictures = draw(request, progress, files.size(), all);
                for (int i = 0; i < pictures.size(); i++) {
                    BufferedImage shown = write(pictures.get(i), request, job, i, name, files);
                    // A thousand pictures need not stay in memory for a grid that nobody wants.
                    row.add(plan.output().grid() ? shown : NOT_KEPT);
                    progress.written(files.get(files.size() - 1));
                }
            }
        }
        Files.deleteIfExists(previewFile());
        if (plan.output().grid()) {
            files.add(writeGrid(rows));
            progress.written(files.get(files.size() - 1));
        }
        return files;
    }

    /** As many pictures of the request as memory allows, at least one. */
    private List<BufferedImage> draw(ImageRequest request, Progress progress, int done, int pictures)
            throws IOException {
        try {
            return pipeline.draw(request, (call, calls, latents) -> {
                preview(request, call, calls, latents);
                if (call < calls && progress.wantsPreview()) {
                    progress.preview(pipeline.smallPreview(request, latents));
                }
                return progress.at(done, pictures, call, calls);
            });
        } catch (RuntimeException e) {
            if (request.seeds().size() > 1 && limit.exceeded(e, request.seeds().size())) {
                return draw(request.first(limit.pictures(model, request)), progress, done, pictures);
            }
            throw e;
        }
    }

    private void preview(ImageRequest request, int done, int all, float[] latents) throws IOException {
        int every = plan.output().previewEvery();
        if (every > 0 && done % every == 0 && done < all) {
            BufferedImage preview = pipeline.preview(request, latents);
            PictureFile.write(previewFile(), preview, null, PictureFormat.PNG, 100);
        }
    }

    private Path previewFile() {
        return plan.output().out().resolve("preview.png");
    }

    private ImageRequest request(GenerationPlan.Job job, List<Long> seeds) throws IOException {
        SourceSettings source = plan.source();
        Path image = source.initImage();
        Path mask = source.mask();
        StartingPicture start = image == null ? null : StartingPicture.read(image, mask, source.strength());
        int grid = model.autoencoderConfig().factor();
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

    /** Checks, marks and writes a picture; gives it as it was written. */
    private BufferedImage write(
            BufferedImage drawn,
            ImageRequest request,
            GenerationPlan.Job job,
            int image,
            String prefix,
            List<Path> files)
            throws IOException {
        PictureFormat format = plan.output().format();
        long seed = request.seeds().get(image);
        SafetyFilter.Checked checked = safety.check(drawn);
        if (plan.output().watermark()) {
            watermark(checked.picture());
        }
        Path file = plan.output().out().resolve(prefix + seed + "." + format.ending());
        PictureFile.write(
                file,
                checked.picture(),
                plan.output().output().metadata() == PictureMetadata.NONE
                        ? null
                        : PictureParameters.of(plan, model, request, job, seed, checked.note()),
                format,
                plan.output().quality());
        if (checked.note() != null && checked.note().flagged()) {
            messages.accept(file + " is flagged by " + checked.note().checker() + ": "
                    + checked.note().action());
        }
        files.add(file);
        return checked.picture();
    }

    private void watermark(BufferedImage picture) {
        if (InvisibleWatermark.fits(picture.getWidth(), picture.getHeight())) {
            InvisibleWatermark.embed(picture);
        } else if (!smallSaid) {
            smallSaid = true;
            messages.accept("pictures under 256x256 pixels cannot carry the invisible watermark; "
                    + (plan.output().output().metadata() == PictureMetadata.NONE
                            ? "with output.metadata=none nothing in them says that they are generated"
                            : "their metadata says that they are generated"));
        }
    }

    private Path writeGrid(List<List<BufferedImage>> rows) throws IOException {
        List<GenerationPlan.Job> jobs = plan.jobs();
        List<GenerationPlan.Job> firsts = new ArrayList<>();
        for (GenerationPlan.Job job : jobs) {
            if (job.number() > firsts.size()) {
                firsts.add(job);
            }
        }
        boolean onePrompt =
                jobs.stream().map(GenerationPlan.Job::prompt).distinct().count() == 1;
        List<String> columns = onePrompt
                ? firsts.get(0).seeds().stream().map(seed -> "seed " + seed).toList()
                : List.of();
        List<String> labels = firsts.size() == 1
                ? List.of()
                : firsts.stream().map(job -> label(job, onePrompt)).toList();
        Path file = plan.output().out().resolve("grid.png");
        PictureFile.write(file, Grid.of(rows, labels, columns), null, PictureFormat.PNG, 100);
        return file;
    }

    private String label(GenerationPlan.Job job, boolean onePrompt) {
        String strength = plan.sweeps() ? String.format(Locale.ROOT, "strength %.3g", job.strength()) : "";
        boolean chooses = plan.jobs().stream()
                .anyMatch(other ->
                        other.number() == job.number() && !other.prompt().equals(job.prompt()));
        String prompt = chooses ? job.place() : job.prompt();
        return onePrompt && plan.sweeps() ? strength : (prompt + " " + strength).strip();
    }
}
