/** {@code /sdapi/v1}: the interface of AUTOMATIC1111's web UI, as programs written for it call it. */
@NullMarked
package atelier.studio.sdapi;

import org.jspecify.annotations.NullMarked;
