package atelier.datasets.batch;

import java.util.List;

/** Examples of one step, all of one size. Closing gives their pixel arrays back: they must not be used afterwards. */
public final class PairBatch implements AutoCloseable {
    private final long step;
    private final Bucket bucket;
    private final List<Example> examples;
    private final PixelPool pool;
    private boolean closed;

    PairBatch(long step, Bucket bucket, List<Example> examples, PixelPool pool) {
        this.step = step;
        this.bucket = bucket;
        this.examples = List.copyOf(examples);
        this.pool = pool;
    }

    /** The step, from 0. */
    public long step() {
        return step;
    }

    /** The size of every example. */
    public Bucket bucket() {
        return bucket;
    }

    public List<Example> examples() {
        return examples;
    }

    public int size() {
        return examples.size();
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            for (Example example : examples) {
                pool.give(example.pixels());
            }
        }
    }
}
