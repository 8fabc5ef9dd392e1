/** Weight files: safetensors, diffusers folders, single LDM files; what they hold, under one set of names. */
@NullMarked
package atelier.diffusion.weights;

import org.jspecify.annotations.NullMarked;
