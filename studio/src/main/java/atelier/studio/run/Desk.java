package atelier.studio.run;

import atelier.studio.job.ChildCommand;
import atelier.studio.job.JobKind;
import atelier.studio.job.Launches;
import atelier.studio.job.RunQueue;
import java.io.IOException;
import java.nio.file.Path;

/**
 * All that knows of runs, made once.
 *
 * @param files of runs, by name
 * @param runs what there is
 * @param evaluations of runs
 * @param control what can be done
 */
public record Desk(RunFiles files, Runs runs, Evaluations evaluations, RunControl control) {
    /**
     * Makes it.
     *
     * @param root the folder that holds {@code configs/}
     * @param folder of all runs
     * @param data the studio's own folder
     * @param child how a job is started
     */
    public static Desk open(Path root, Path folder, Path data, ChildCommand child) throws IOException {
        RunFiles files = new RunFiles(folder);
        Launches training = new Launches(data.resolve("launches"), child, JobKind.TRAIN);
        Launches evaluating = new Launches(data.resolve("evaluations"), child, JobKind.EVALUATE);
        Runs runs = new Runs(files, training, root);
        RunQueue queue = new RunQueue(data.resolve("queue"));
        Evaluations evaluations = new Evaluations(files, evaluating, queue);
        return new Desk(
                files, runs, evaluations, new RunControl(folder, root, training, evaluating, runs, evaluations, queue));
    }

    /** Whether a run trains or is evaluated; drawing waits meanwhile. */
    public boolean works() throws IOException {
        return runs.trains() || evaluations.works();
    }
}
