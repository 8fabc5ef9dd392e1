/** The studio's own HTTP interface, {@code /api/v1}. */
@NullMarked
package atelier.studio.api;

import org.jspecify.annotations.NullMarked;
