/** What changes, told to whoever looks, as server-sent events. */
@NullMarked
package atelier.studio.event;

import org.jspecify.annotations.NullMarked;
