package atelier.studio.page;

/**
 * What the Draw screen offers at first.
 *
 * @param model the model's name
 * @param side the model's own width and height in pixels
 * @param steps sampling steps
 * @param guidance classifier-free guidance scale
 * @param sampler its key
 */
public record DrawDefaults(String model, int side, int steps, double guidance, String sampler) {}
