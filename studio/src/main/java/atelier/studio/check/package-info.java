/** What a run would be, before it starts: its settings, what is wrong with them, and what consent says. */
@NullMarked
package atelier.studio.check;

import org.jspecify.annotations.NullMarked;
