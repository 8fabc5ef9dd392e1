/** Drawing for pages and programs: one worker that keeps the model loaded, its queue, and what it has drawn. */
@NullMarked
package atelier.studio.draw;

import org.jspecify.annotations.NullMarked;
