/** Judging, encoding and training on several machines, with Apache Spark. */
@NullMarked
package atelier.cluster;

import org.jspecify.annotations.NullMarked;
