/** The recipe of training, from pairs to adapter. */
@org.jspecify.annotations.NullMarked
package atelier.trainer.run;
