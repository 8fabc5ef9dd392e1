package atelier.trainer.output;

import atelier.trainer.folder.RunFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Decides, before anything that a run trained is given away, whether it may be. */
@FunctionalInterface
public interface OutputGate {
    /**
     * Lets them pass by returning.
     *
     * @param run the run's folder
     * @param products adapters' files, or a whole model's folder; they lie in a place of their own until this returns
     * @throws atelier.common.error.RefusedException saying why they must stay
     */
    void judge(RunFolder run, List<Path> products) throws IOException;
}
