/** CUDA as this process sees it: the driver, the cards, their memory, and why there are none. */
@NullMarked
package atelier.diffusion.cuda;

import org.jspecify.annotations.NullMarked;
