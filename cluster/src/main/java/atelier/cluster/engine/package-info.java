/** Spark: the session that commands work in, the settings that reach executors, and a cluster on this machine. */
@NullMarked
package atelier.cluster.engine;

import org.jspecify.annotations.NullMarked;
