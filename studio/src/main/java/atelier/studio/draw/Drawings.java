package atelier.studio.draw;

import atelier.cli.drawing.PlannedDrawing;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Everything that is drawn in the studio: asked for here, whatever the interface, and found here again. */
public final class Drawings implements AutoCloseable {
    private static final int EVERY_STEPS = 10;
    private static final int MOST_REMEMBERED = 64;

    private final Path root;
    private final ModelNames models;
    private final AdapterNames adapters;
    private final DrawComposer composer;
    private final DrawFolders folders;
    private final DrawingWorker worker;
    private final Consumer<JsonNode> events;
    private final Map<String, Drawing> recent = new LinkedHashMap<>();

    /**
     * Starts the worker; the model is loaded for the first drawing.
     *
     * @param root the folder that holds {@code configs/}
     * @param data the studio's folder for pictures
     * @param models the models by name
     * @param adapters the adapters by name
     * @param trains whether a run trains or is evaluated now: drawing waits meanwhile
     * @param events hears of changes: each state, each picture, and every tenth step
     */
    public Drawings(
            Path root,
            Path data,
            ModelNames models,
            AdapterNames adapters,
            BooleanSupplier trains,
            Consumer<JsonNode> events) {
        this.root = root;
        this.models = models;
        this.adapters = adapters;
        this.composer = new DrawComposer(root, models, adapters);
        this.folders = new DrawFolders(data);
        this.events = events;
        this.worker = new DrawingWorker(trains, this::changed);
    }

    public ModelNames models() {
        return models;
    }

    public AdapterNames adapters() {
        return adapters;
    }

    /**
     * Checks what is asked for, and puts it into the queue.
     *
     * @throws atelier.common.error.WrongCommandException naming the key that does not fit
     * @throws atelier.common.error.RefusedException if a prompt names a creator who opted out, with list and line
     * @throws QueueFullException if too many wait
     */
    public Drawing draw(AskedDrawing asked) throws IOException {
        String id = folders.id();
        Path folder = folders.create(id);
        boolean taken = false;
        try {
            PlannedDrawing planned = composer.plan(asked, folder);
            GridLayout grid = asked.grid();
            if (grid != null) {
                planned = grid.plan(planned);
            }
            List<String> notes = new ArrayList<>();
            planned.requirePermission(root, notes::add);
            Drawing drawing = new Drawing(id, asked.origin(), folder, asked.set(), planned, grid);
            notes.forEach(drawing::notice);
            remember(drawing);
            worker.add(drawing);
            taken = true;
            return drawing;
        } finally {
            if (!taken) {
                forget(id);
                folders.delete(id);
            }
        }
    }

    private void remember(Drawing drawing) {
        synchronized (recent) {
            recent.put(drawing.id(), drawing);
            if (recent.size() > MOST_REMEMBERED) {
                recent.values().stream()
                        .filter(each -> each.state().ended())
                        .map(Drawing::id)
                        .findFirst()
                        .ifPresent(recent::remove);
            }
        }
    }

    private void forget(String id) {
        synchronized (recent) {
            recent.remove(id);
        }
    }

    /** On the worker's thread. */
    private void changed(Drawing drawing) {
        boolean last = drawing.state().ended();
        if (last) {
            try {
                folders.close(drawing.id(), DrawJson.whole(drawing));
            } catch (IOException | RuntimeException e) {
                drawing.notice("what was drawn could not be noted: " + e.getMessage());
            }
        }
        if (last || drawing.step() % EVERY_STEPS == 0) {
            events.accept(DrawJson.brief(drawing));
        }
    }

    /** The drawing at work, and behind it those that wait, in order. */
    public List<Drawing> waiting() {
        return worker.drawings();
    }

    /** The drawing at work, or the next one. */
    public Optional<Drawing> current() {
        return worker.drawings().stream().filter(each -> !each.state().ended()).findFirst();
    }

    /** A drawing that this studio was asked for since it started. */
    public Optional<Drawing> find(String id) {
        synchronized (recent) {
            return Optional.ofNullable(recent.get(id));
        }
    }

    /** What is to be told of a drawing, earlier starts' too. */
    Optional<JsonNode> tell(String id) throws IOException {
        Optional<Drawing> drawing = find(id);
        return drawing.isPresent() ? Optional.of(DrawJson.whole(drawing.get())) : folders.told(id);
    }

    /** The names of all drawings, latest first. */
    List<String> ids() throws IOException {
        return folders.ids();
    }

    /** A picture of a drawing, by its name. */
    public Optional<Path> picture(String id, String name) throws IOException {
        return folders.picture(id, name);
    }

    /** Ends a drawing where it is not done, and removes what it left; whether there was one. */
    boolean remove(String id) throws IOException, InterruptedException {
        Optional<Drawing> drawing = find(id);
        if (drawing.isPresent()) {
            drawing.get().interrupt();
            drawing.get().await(60);
            forget(id);
        }
        return folders.delete(id);
    }

    /** Ends the drawing at work between two steps. */
    @Override
    public void close() {
        worker.close();
    }
}
