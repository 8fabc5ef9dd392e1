/** What a network that the generator never saw makes of pictures: embeddings for content, layer statistics for style. */
@NullMarked
package atelier.evaluation.features;

import org.jspecify.annotations.NullMarked;
