/** A run's folder, the names of its files, and how a run ends. */
@org.jspecify.annotations.NullMarked
package atelier.trainer.folder;
