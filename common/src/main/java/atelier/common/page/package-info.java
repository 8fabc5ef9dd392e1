/** The look that all pages share, and the pages' templates turned into text. */
@NullMarked
package atelier.common.page;

import org.jspecify.annotations.NullMarked;
