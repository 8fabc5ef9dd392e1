package atelier.studio.draw;

import atelier.cli.drawing.PlannedDrawing;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One request to draw and what has become of it. Written by the worker's thread, read by any. */
public final class Drawing {
    private final String id;
    private final String origin;
    private final Path folder;
    private final Map<String, Object> set;
    private final PlannedDrawing planned;
    private final @Nullable GridLayout grid;
    private final Instant asked = Instant.now();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final List<DrawnPicture> pictures = new ArrayList<>();
    private final List<String> notices = new ArrayList<>();
    private DrawingState state = DrawingState.QUEUED;
    private @Nullable Instant started;
    private @Nullable Instant finished;
    private @Nullable Throwable fault;
    private int step;
    private int steps;
    private boolean interrupted;
    private boolean skipped;
    private @Nullable CompletableFuture<Optional<BufferedImage>> preview;

    /**
     * @param id names it in addresses
     * @param origin the interface that it was asked through: api, sdapi or openai
     * @param folder where its pictures go
     * @param set the settings that were asked for
     * @param grid how the pictures are laid out; null for no grid
     */
    Drawing(
            String id,
            String origin,
            Path folder,
            Map<String, Object> set,
            PlannedDrawing planned,
            @Nullable GridLayout grid) {
        this.id = id;
        this.origin = origin;
        this.folder = folder;
        this.set = set;
        this.planned = planned;
        this.grid = grid;
        this.steps = planned.plan().sampling().steps();
        notices.addAll(planned.notices());
    }

    public String id() {
        return id;
    }

    public String origin() {
        return origin;
    }

    public Path folder() {
        return folder;
    }

    /** The settings that were asked for. */
    public Map<String, Object> set() {
        return set;
    }

    public PlannedDrawing planned() {
        return planned;
    }

    public Optional<GridLayout> grid() {
        return Optional.ofNullable(grid);
    }

    /** How many pictures there will be. */
    public int count() {
        return planned.plan().jobs().stream()
                .mapToInt(job -> job.seeds().size())
                .sum();
    }

    public Instant asked() {
        return asked;
    }

    public synchronized DrawingState state() {
        return state;
    }

    /** When its first picture was begun. */
    public synchronized Optional<Instant> started() {
        return Optional.ofNullable(started);
    }

    public synchronized Optional<Instant> finished() {
        return Optional.ofNullable(finished);
    }

    /** What went wrong, of a drawing that failed. */
    public synchronized Optional<Throwable> fault() {
        return Optional.ofNullable(fault);
    }

    /** Those that are finished, in order. */
    public synchronized List<DrawnPicture> pictures() {
        return List.copyOf(pictures);
    }

    /** What a user should know. */
    public synchronized List<String> notices() {
        return List.copyOf(notices);
    }

    /** Model calls done of the picture at work. */
    public synchronized int step() {
        return step;
    }

    /** Model calls of the picture at work. */
    public synchronized int steps() {
        return steps;
    }

    public synchronized boolean isInterrupted() {
        return interrupted;
    }

    public synchronized boolean isSkipped() {
        return skipped;
    }

    /** The share that is done, 0 to 1. */
    public synchronized double progress() {
        if (state == DrawingState.DONE) {
            return 1;
        }
        double picture = steps == 0 ? 0 : Math.min(1, step / (double) steps);
        return Math.min(1, (pictures.size() + picture) / Math.max(1, count()));
    }

    /** Seconds until the end at the pace so far; 0 where that is not known. */
    public synchronized double secondsLeft() {
        double done = progress();
        Instant begun = started;
        if (begun == null || done <= 0 || state.ended()) {
            return 0;
        }
        double seconds = (Instant.now().toEpochMilli() - begun.toEpochMilli()) / 1000.0;
        return seconds * (1 - done) / done;
    }

    /** Ends the drawing between two steps; what is finished stays. */
    public synchronized void interrupt() {
        interrupted = true;
        notifyAll();
    }

    /** Leaves the pictures at work out, between two steps, and goes on with the next. */
    public synchronized void skip() {
        skipped = true;
    }

    /**
     * Waits for the end.
     *
     * @return whether it came within the time
     */
    public boolean await(long seconds) throws InterruptedException {
        return ended.await(seconds, TimeUnit.SECONDS);
    }

    /**
     * What the picture at work looks like now, drawn between two steps; empty where none is at work, or none has come within
     * the time.
     */
    public Optional<BufferedImage> preview(long milliseconds) throws InterruptedException {
        CompletableFuture<Optional<BufferedImage>> wanted;
        synchronized (this) {
            if (state != DrawingState.DRAWING) {
                return Optional.empty();
            }
            if (preview == null) {
                preview = new CompletableFuture<>();
            }
            wanted = preview;
        }
        try {
            return wanted.get(milliseconds, TimeUnit.MILLISECONDS);
        } catch (java.util.concurrent.TimeoutException | java.util.concurrent.ExecutionException e) {
            return Optional.empty();
        }
    }

    synchronized boolean wantsPreview() {
        return preview != null;
    }

    synchronized void show(BufferedImage picture) {
        CompletableFuture<Optional<BufferedImage>> wanted = preview;
        preview = null;
        if (wanted != null) {
            wanted.complete(Optional.of(picture));
        }
    }

    synchronized void now(DrawingState next) {
        state = next;
    }

    synchronized void begin() {
        state = DrawingState.DRAWING;
        if (started == null) {
            started = Instant.now();
        }
    }

    synchronized void at(int call, int calls) {
        step = call;
        steps = calls;
    }

    synchronized void drawn(DrawnPicture picture) {
        pictures.add(picture);
        step = 0;
    }

    synchronized void notice(String text) {
        notices.add(text);
    }

    /** Whether the pictures at work are to be left out; asked once. */
    synchronized boolean takeSkip() {
        boolean wanted = skipped;
        skipped = false;
        return wanted;
    }

    /** Ends it; told once. */
    void end(DrawingState last, @Nullable Throwable cause) {
        synchronized (this) {
            state = last;
            fault = cause;
            finished = Instant.now();
            if (preview != null) {
                preview.complete(Optional.empty());
                preview = null;
            }
        }
    }

    /** Those who wait go on. */
    void release() {
        ended.countDown();
    }
}
