package atelier.cli.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a record component whose own components are keys of the section around it, so that {@code data.max_pixels} can
 * belong to a record about decoding and {@code data.pairs} to one about sources.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface InlineKeys {}
