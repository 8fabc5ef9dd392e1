package atelier.cluster.train;

import atelier.cli.command.GatedTraining;
import atelier.cluster.engine.ExecutorSettings;
import atelier.cluster.engine.HeldCopies;
import atelier.cluster.engine.Processor;
import atelier.trainer.loop.SentPass;
import atelier.trainer.run.PassWorker;
import java.io.Serializable;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;

/**
 * Computes a pass in this process' copy of the network.
 *
 * @param settings of the run
 * @param transport of the values and of the gradients
 * @param values of what is trained, as this step has them
 */
record PassTask(ExecutorSettings settings, Transport transport, Broadcast<byte[]> values)
        implements Function<SentPass, PassTask.Computed> {
    private static final long serialVersionUID = 1L;

    /** The copies of the networks that this process trains. */
    static final HeldCopies<PassWorker> WORKERS = new HeldCopies<>(
            settings -> PassWorker.open(settings.bind(GatedTraining.class).training()));

    /** What came of a pass, and where. */
    @SuppressWarnings("ArrayRecordComponent") // sent, never compared
    record Computed(double loss, byte[] gradients, String processor) implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    @Override
    public Computed call(SentPass pass) throws Exception {
        float[] now = transport.numbers(values.value());
        SentPass.Result made = WORKERS.with(settings, worker -> worker.run(now, pass));
        return new Computed(made.loss(), transport.bytes(made.gradients()), Processor.here());
    }
}
