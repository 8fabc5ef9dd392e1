/** Encoding pictures and captions ahead of training, on several machines. */
@NullMarked
package atelier.cluster.cache;

import org.jspecify.annotations.NullMarked;
