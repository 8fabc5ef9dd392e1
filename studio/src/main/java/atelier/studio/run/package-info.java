/** Training runs: what their folders and processes say of them, how they are started, stopped and queued. */
@NullMarked
package atelier.studio.run;

import org.jspecify.annotations.NullMarked;
