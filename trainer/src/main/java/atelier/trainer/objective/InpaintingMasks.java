package atelier.trainer.objective;

/** The key {@code objective.inpainting_masks}: what an inpainting base is shown as to be painted. */
public enum InpaintingMasks {
    /** Rectangles and ellipses of any size, drawn anew for each picture and step. */
    RANDOM,
    /** The picture's own mask: data.mask says where it comes from. */
    OWN
}
