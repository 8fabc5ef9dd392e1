package atelier.trainer.listen;

import atelier.diffusion.model.StableDiffusion;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.List;

/**
 * Draws samples with the model as it stands, adapter attached. The trainer knows no samplers: whoever starts it lends
 * it one.
 */
@FunctionalInterface
public interface SampleDrawer {
    /**
     * One picture a prompt, always from the same noise.
     *
     * @throws atelier.common.work.StoppedException when the user asks to stop
     */
    List<BufferedImage> draw(StableDiffusion model, SampleSettings settings) throws IOException;
}
