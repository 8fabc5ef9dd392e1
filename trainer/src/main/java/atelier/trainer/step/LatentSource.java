package atelier.trainer.step;

import atelier.datasets.batch.Example;
import atelier.trainer.cache.TensorCache;
import java.io.IOException;

/** Where an example's latents come from. */
@FunctionalInterface
public interface LatentSource {
    /**
     * Mean and log-variance of an example's latents.
     *
     * @return shape [2, channels, h, w]
     */
    TensorCache.Entry moments(Example example) throws IOException;
}
