package atelier.diffusion.tensor;

import atelier.diffusion.tensor.Layer.Group;
import atelier.diffusion.tensor.Layer.Kind;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Prepacking.Layouts;

/** Which layouts a layer's weight is loaded in: by what the network is for, and by the pixels that the layer sees. */
final class LayoutChoice {
    /** Pixels of a level from which on going back by 8-bit products is worth a layout of its own. */
    private static final long MANY_PIXELS = 1024;

    private final Prepacking prepacking;
    private final LoadOptions options;
    private boolean coarsest;
    private long pixels = Long.MAX_VALUE;

    LayoutChoice(Prepacking prepacking, LoadOptions options) {
        this.prepacking = prepacking;
        this.options = options;
    }

    /**
     * The level of a picture's network that layers belong to from now on.
     *
     * @param halvings how often its pictures are halved
     * @param coarsest whether they are halved no more
     */
    void level(int halvings, boolean coarsest) {
        this.pixels = options.latents() >> (2 * halvings);
        this.coarsest = coarsest;
    }

    /** The layouts for a layer of the level. */
    Layouts of(Layer layer) {
        return switch (options.use()) {
            case INFERENCE -> transforms(layer) ? Layouts.WINOGRAD : Layouts.FORWARD;
            case FULL -> Layouts.PLAIN;
            case ADAPTERS -> trained(layer);
        };
    }

    private Layouts trained(Layer layer) {
        boolean quantised = prepacking.quantises(layer) && prepacking.possible(layer, Layouts.BOTH);
        boolean twice = isTwice(layer, quantised);
        if (!quantised && !twice) {
            return Layouts.PLAIN;
        }
        if (transforms(layer)) {
            return Layouts.WINOGRAD;
        }
        return twice ? Layouts.BOTH : Layouts.FORWARD;
    }

    /**
     * Whether Winograd's products are the faster ones. Few tiles do not pay for reading the larger kernels. Where a
     * picture is doubled each of its pixels is a tile, and only there are they faster than 8-bit products, or than the
     * products of a processor that multiplies tiles (AMX): those take less time than the transforms.
     */
    private boolean transforms(Layer layer) {
        boolean doubled = layer.group() == Group.SAMPLERS;
        boolean cheapProducts = prepacking.quantises(layer) || (prepacking.hasTiles() && isPacked(layer));
        long tiles = doubled ? pixels : pixels / 4;
        return tiles >= 48 && (doubled || !cheapProducts) && prepacking.gainsFromWinograd(layer);
    }

    private boolean isPacked(Layer layer) {
        return prepacking.possible(layer, options.use() == Use.INFERENCE ? Layouts.FORWARD : Layouts.BOTH);
    }

    /** Whether training is to keep the layer's weight in two layouts: few rows are not worth another copy. */
    private boolean isTwice(Layer layer, boolean quantised) {
        return switch (options.prepack()) {
            case NONE -> false;
            case FINE -> quantised ? pixels >= MANY_PIXELS : layer.kind() == Kind.CONVOLUTION && !coarsest;
            case ALL -> !layer.seesTimeAlone();
        };
    }
}
