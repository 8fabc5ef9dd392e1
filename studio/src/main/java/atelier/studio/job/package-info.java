/** Jobs: child processes that outlive the studio, and those that wait for their turn. Knows nothing of what they do. */
@NullMarked
package atelier.studio.job;

import org.jspecify.annotations.NullMarked;
