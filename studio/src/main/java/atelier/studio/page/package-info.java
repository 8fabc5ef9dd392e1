/** The screens: what they show, and the templates that show it. */
@NullMarked
package atelier.studio.page;

import org.jspecify.annotations.NullMarked;
