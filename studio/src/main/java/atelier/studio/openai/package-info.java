/** {@code /v1}: OpenAI's images interface, as its own clients call it. */
@NullMarked
package atelier.studio.openai;

import org.jspecify.annotations.NullMarked;
