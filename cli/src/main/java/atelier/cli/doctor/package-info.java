/** What a machine must have for Atelier to run, and how to get it. */
@NullMarked
package atelier.cli.doctor;

import org.jspecify.annotations.NullMarked;
