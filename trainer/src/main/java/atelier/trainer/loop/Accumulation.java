package atelier.trainer.loop;

import atelier.datasets.batch.Example;
import java.io.IOException;
import java.util.List;

/** Makes the gradients of a step: those of its passes, added up. */
public interface Accumulation extends AutoCloseable {
    /**
     * Fills the gradients of what is trained, whatever they held, from a step's examples.
     *
     * @param lossScale what gradients come multiplied by
     * @return the mean loss over the examples
     */
    PendingLoss run(List<Example> examples, long step, double lossScale) throws IOException, InterruptedException;

    @Override
    void close();
}
