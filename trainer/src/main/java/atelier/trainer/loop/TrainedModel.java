package atelier.trainer.loop;

import atelier.diffusion.model.StableDiffusion;

/**
 * A model with what is trained in it.
 *
 * @param model with the weights attached
 * @param weights that are trained
 * @param update what changes them; it knows with which values to draw and export
 */
public record TrainedModel(StableDiffusion model, TrainableWeights weights, ParameterUpdate update) {}
