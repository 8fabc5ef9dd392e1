package atelier.cluster.engine;

import atelier.common.work.OwnSession;
import java.util.Arrays;
import org.apache.spark.deploy.master.Master;
import org.apache.spark.deploy.worker.Worker;

/** The main class of a local cluster's processes, which outlive the terminal that they were started from. */
final class Daemon {
    static final String MASTER = "master";
    static final String WORKER = "worker";

    private Daemon() {}

    /** @param words master or worker, and what Spark's own main class is told */
    public static void main(String[] words) {
        OwnSession.takeIfAsked();
        String[] rest = Arrays.copyOfRange(words, 1, words.length);
        if (words[0].equals(MASTER)) {
            Master.main(rest);
        } else {
            Worker.main(rest);
        }
    }
}
