/** The HTTP server on loopback, and who may speak with it. */
@NullMarked
package atelier.studio.server;

import org.jspecify.annotations.NullMarked;
