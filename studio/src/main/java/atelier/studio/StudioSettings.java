package atelier.studio;

import static atelier.common.error.Checks.check;

import atelier.diffusion.model.ModelSettings;
import java.nio.file.Path;
import java.util.List;

/**
 * The keys of {@code studio}.
 *
 * @param device auto, cpu, cuda or cuda:N: where pictures are drawn
 * @param model the model that the page draws with at first
 */
record StudioSettings(Page studio, Runs run, String device, ModelSettings model) {

    /**
     * The page.
     *
     * @param port on 127.0.0.1; 0 for any that is free
     * @param open whether to open the system's browser
     * @param data where dropped pictures and drawn ones go
     * @param roots folders whose pictures may be named, besides {@code data}
     */
    record Page(int port, boolean open, Path data, List<Path> roots) {
        Page {
            check(port >= 0 && port <= 65_535, "studio.port must be from 0 to 65535, got %s", port);
            roots = List.copyOf(roots);
        }
    }

    /** @param dir the folder of the runs that the page shows and starts */
    record Runs(Path dir) {}
}
