/** The command {@code studio}: a local page and the HTTP interfaces that existing programs speak. */
@NullMarked
package atelier.studio;

import org.jspecify.annotations.NullMarked;
