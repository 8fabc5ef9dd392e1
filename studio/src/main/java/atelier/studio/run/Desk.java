package atelier.studio.run;

import java.io.IOException;
import java.nio.file.Path;

/**
 * All that knows of runs, made once.
 *
 * @param files of runs, by name
 * @param runs what there is
 * @param control what can be done
 */
public record Desk(RunFiles files, Runs runs, RunControl control) {
    /**
     * Makes it.
     *
     * @param root the folder that holds {@code configs/}
     * @param folder of all runs
     * @param data the studio's own folder
     * @param child how a run is started
     */
    public static Desk open(Path root, Path folder, Path data, ChildCommand child) throws IOException {
        RunFiles files = new RunFiles(folder);
        Launches launches = new Launches(data.resolve("launches"), child);
        Runs runs = new Runs(files, launches, root);
        RunQueue queue = new RunQueue(data.resolve("queue"));
        return new Desk(files, runs, new RunControl(folder, root, launches, runs, queue));
    }
}
