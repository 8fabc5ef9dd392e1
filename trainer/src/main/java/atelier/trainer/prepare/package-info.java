/** What is ready before the first step: judged pairs, cached latents and text states, masks. */
@org.jspecify.annotations.NullMarked
package atelier.trainer.prepare;
