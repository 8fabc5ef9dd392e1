/**
 * Settings, Hydra's way on Typesafe Config: a folder under {@code configs/} is a group, a file in it an option, a
 * command's own file lists its defaults, and {@code key=value} words change what was composed. Each file writes whole
 * keys ({@code data.pairs}, not {@code pairs}), so that what one reads is what one types.
 */
@NullMarked
package atelier.cli.config;

import org.jspecify.annotations.NullMarked;
