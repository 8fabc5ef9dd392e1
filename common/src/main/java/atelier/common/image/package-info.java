/** Pictures as arrays, and what everyone does to them: resampling, conversions, small copies. */
@org.jspecify.annotations.NullMarked
package atelier.common.image;
