/** What training minimises: noise, timesteps, losses and their weights, each with its formula and source. */
@org.jspecify.annotations.NullMarked
package atelier.trainer.objective;
