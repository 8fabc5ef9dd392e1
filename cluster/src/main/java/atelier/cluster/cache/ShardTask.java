package atelier.cluster.cache;

import atelier.cli.command.GatedTraining;
import atelier.cluster.engine.ExecutorSettings;
import atelier.cluster.engine.HeldCopies;
import atelier.cluster.engine.Processor;
import atelier.trainer.run.ShardEncoder;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.function.Function;

/**
 * Encodes a shard with this process' copy of the model.
 *
 * @param settings of the run that is encoded for
 */
record ShardTask(ExecutorSettings settings) implements Function<Shard, ShardTask.Done> {
    private static final long serialVersionUID = 1L;

    /** The models of this process. */
    static final HeldCopies<ShardEncoder> ENCODERS = new HeldCopies<>(
            settings -> ShardEncoder.open(settings.bind(GatedTraining.class).training()));

    /**
     * What came of a shard, and where.
     *
     * @param wrote false where its files were there already
     * @param faults a line for each picture that cannot be used
     * @param arithmetic the kind of device and its threads, which cached arrays are kept under
     * @param models that the process has loaded so far
     */
    record Done(
            boolean wrote,
            int pictures,
            List<String> faults,
            String arithmetic,
            String executor,
            int models,
            String processor)
            implements Serializable {
        private static final long serialVersionUID = 1L;
    }

    @Override
    public Done call(Shard shard) throws Exception {
        ShardEncoder.Encoded made = ENCODERS.with(
                settings,
                encoder -> encoder.encode(
                        shard.pairs().stream().map(SentPair::pair).toList(), shard.name()));
        return new Done(
                made.wrote(),
                shard.pairs().size(),
                new ArrayList<>(made.faults()),
                made.arithmetic(),
                Processor.executor(),
                ENCODERS.opened(),
                Processor.here());
    }
}
