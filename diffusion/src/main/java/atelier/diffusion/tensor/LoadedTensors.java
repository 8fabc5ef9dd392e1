package atelier.diffusion.tensor;

import ai.djl.ndarray.NDManager;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A network's tensors and the mapped memory under them.
 *
 * @param manager owns the tensors
 * @param blocks the engine's views of them
 * @param mapped memory that tensors may look into
 */
public record LoadedTensors(NDManager manager, List<BlockTensors> blocks, List<ByteBuffer> mapped)
        implements AutoCloseable {
    @Override
    public void close() {
        blocks.forEach(BlockTensors::close);
        manager.close();
    }
}
