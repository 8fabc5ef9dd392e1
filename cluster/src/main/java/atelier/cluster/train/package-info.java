/** Training whose passes are computed by executors: the same bytes as on one machine. */
@NullMarked
package atelier.cluster.train;

import org.jspecify.annotations.NullMarked;
