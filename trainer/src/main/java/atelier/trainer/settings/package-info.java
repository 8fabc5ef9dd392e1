/** The keys of train. */
@org.jspecify.annotations.NullMarked
package atelier.trainer.settings;
