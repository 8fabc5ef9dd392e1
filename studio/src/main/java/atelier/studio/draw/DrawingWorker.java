package atelier.studio.draw;

import atelier.cli.drawing.PlannedDrawing;
import atelier.common.work.StopSignal;
import atelier.inference.draw.PictureGeneration;
import atelier.inference.request.GenerationPlan;
import atelier.trainer.folder.ReadRuns;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that draws. It owns the model, and draws one request after the other; while a run trains it lets the model go
 * and waits, as both would have half the cores.
 */
final class DrawingWorker implements AutoCloseable {
    private static final int MOST_WAITING = 16;
    private static final long LOOK_EVERY_MS = 200;
    private static final long CLOSE_WAIT_MS = 30_000;

    private final BlockingQueue<Drawing> queue = new LinkedBlockingQueue<>(MOST_WAITING);
    private final BooleanSupplier trains;
    private final Consumer<Drawing> changed;
    private final Thread thread;
    private volatile @Nullable Drawing atWork;
    private volatile boolean closed;

    /**
     * Starts the thread.
     *
     * @param trains whether a run trains or is evaluated now
     * @param changed hears of each change of a drawing, on this thread
     */
    DrawingWorker(BooleanSupplier trains, Consumer<Drawing> changed) {
        this.trains = trains;
        this.changed = changed;
        this.thread = new Thread(this::run, "drawing");
        thread.setDaemon(true);
        thread.start();
    }

    /** @throws QueueFullException if too many wait */
    void add(Drawing drawing) {
        if (closed || !queue.offer(drawing)) {
            throw new QueueFullException(queue.size());
        }
    }

    /** The drawing at work, and behind it those that wait, in order. */
    List<Drawing> drawings() {
        List<Drawing> all = new ArrayList<>();
        Drawing first = atWork;
        if (first != null) {
            all.add(first);
        }
        queue.stream().filter(each -> each != first).forEach(all::add);
        return all;
    }

    private void run() {
        try (KeptModel model = new KeptModel()) {
            while (!closed) {
                Drawing next = queue.poll(LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
                if (next != null) {
                    atWork = next;
                    draw(next, model);
                    atWork = null;
                } else if (model.isLoaded() && trains.getAsBoolean()) {
                    model.release();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closed = true;
            for (Drawing left = queue.poll(); left != null; left = queue.poll()) {
                end(left, DrawingState.INTERRUPTED, null);
            }
        }
    }

    private void draw(Drawing drawing, KeptModel model) throws InterruptedException {
        while (!stops(drawing) && trains.getAsBoolean()) {
            if (drawing.state() != DrawingState.WAITING) {
                model.release();
                drawing.now(DrawingState.WAITING);
                changed.accept(drawing);
            }
            Thread.sleep(LOOK_EVERY_MS);
        }
        if (stops(drawing)) {
            end(drawing, DrawingState.INTERRUPTED, null);
            return;
        }
        try {
            generate(drawing, model);
            end(drawing, DrawingState.DONE, null);
        } catch (CancellationException e) {
            end(drawing, DrawingState.INTERRUPTED, null);
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            // Whatever was half done is not drawn with again.
            model.close();
            end(drawing, DrawingState.FAILED, e);
        }
    }

    private boolean stops(Drawing drawing) {
        return closed || drawing.isInterrupted() || StopSignal.isHeard();
    }

    private void end(Drawing drawing, DrawingState state, @Nullable Throwable fault) {
        drawing.end(state, fault);
        changed.accept(drawing);
        drawing.release();
    }

    private void generate(Drawing drawing, KeptModel model) throws IOException {
        PlannedDrawing planned = drawing.planned();
        drawing.now(DrawingState.LOADING);
        try (ReadRuns held = ReadRuns.hold(planned.products())) {
            GenerationPlan rest = planned.plan();
            while (!rest.jobs().isEmpty()) {
                int before = drawing.pictures().size();
                try {
                    Progress progress = new Progress(drawing, rest);
                    PictureGeneration generation = new PictureGeneration(
                            rest, model.session(planned), model.filter(planned), drawing::notice, true);
                    drawing.begin();
                    changed.accept(drawing);
                    generation.run(progress);
                    return;
                } catch (CancellationException e) {
                    if (stops(drawing) || !drawing.takeSkip()) {
                        throw e;
                    }
                    rest = RemainingPlan.after(rest, drawing.pictures().size() - before + 1);
                }
            }
        }
    }

    private final class Progress implements PictureGeneration.Progress {
        private final Drawing drawing;
        private final List<DrawnPicture> expected;
        private int written;

        Progress(Drawing drawing, GenerationPlan plan) {
            this.drawing = drawing;
            this.expected = plan.jobs().stream()
                    .flatMap(job -> job.seeds().stream()
                            .map(seed -> new DrawnPicture(
                                    Path.of(""),
                                    seed,
                                    job.prompt(),
                                    job.negativePrompt(),
                                    job.adapters(),
                                    job.strength())))
                    .toList();
        }

        @Override
        public boolean at(int picture, int pictures, int call, int calls) {
            drawing.at(call, calls);
            changed.accept(drawing);
            return !stops(drawing) && !drawing.isSkipped();
        }

        @Override
        public void written(Path file) {
            if (written < expected.size()) {
                DrawnPicture of = expected.get(written++);
                drawing.drawn(new DrawnPicture(
                        file, of.seed(), of.prompt(), of.negativePrompt(), of.adapters(), of.strength()));
                changed.accept(drawing);
            }
        }

        @Override
        public boolean wantsPreview() {
            return drawing.wantsPreview();
        }

        @Override
        public void preview(BufferedImage picture) {
            drawing.show(picture);
        }
    }

    /** Ends the drawing at work between two steps, and lets the model go. */
    @Override
    public void close() {
        closed = true;
        try {
            thread.join(CLOSE_WAIT_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
