/** The keys of adapter, and the patterns by which they choose layers. */
@org.jspecify.annotations.NullMarked
package atelier.diffusion.adapter.settings;
