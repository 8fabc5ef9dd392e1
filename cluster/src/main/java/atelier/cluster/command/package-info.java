/** The commands of this module, found as services. */
@NullMarked
package atelier.cluster.command;

import org.jspecify.annotations.NullMarked;
