package atelier.studio.draw;

import atelier.cli.command.Invocation;
import atelier.diffusion.model.ModelSettings;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Puts the drawing side together of what the command studio was asked. */
public final class StudioDrawing {
    private static final String MODEL_WORDS = "[+~]?(model([.=].*)?|device=.*)";

    private StudioDrawing() {}

    /**
     * Starts the worker. The command's own changes to model and device are generate's too, so that the same pictures are drawn.
     *
     * @param model that the studio was started with
     * @param data the studio's folder for pictures
     * @param runs the folder of the runs
     * @param trains whether a run trains or is evaluated now
     * @param events hears of changes
     */
    public static Drawings start(
            Invocation invocation,
            ModelSettings model,
            Path data,
            Path runs,
            BooleanSupplier trains,
            Consumer<JsonNode> events) {
        List<String> words = invocation.composition().overrides().stream()
                .filter(word -> word.matches(MODEL_WORDS))
                .toList();
        return new Drawings(
                invocation.root(),
                data,
                new ModelNames(model.requirePath(), words, runs),
                new AdapterNames(runs),
                trains,
                events);
    }
}
