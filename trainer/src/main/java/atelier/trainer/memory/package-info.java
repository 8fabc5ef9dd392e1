/** What a run takes of a GPU's memory, reckoned before it starts, and what would lower it. */
@NullMarked
package atelier.trainer.memory;

import org.jspecify.annotations.NullMarked;
