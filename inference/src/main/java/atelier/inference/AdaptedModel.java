package atelier.inference;

import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.Component;
import atelier.diffusion.weights.adapter.AdapterArithmetic;
import atelier.diffusion.weights.adapter.AdapterArithmetic.Strength;
import atelier.diffusion.weights.adapter.AdapterArithmetic.Weighted;
import atelier.diffusion.weights.adapter.AdapterFile;
import atelier.diffusion.weights.adapter.AdapterState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** A model with adapters merged into its weights as they are read, whatever method each adapter has. */
public final class AdaptedModel {
    private AdaptedModel() {}

    /**
     * Opens a model for drawing.
     *
     * @param adapters added up; DoRA's in the given order
     * @throws IllegalArgumentException if an adapter does not exist or changes a network that the model lacks
     * @throws atelier.diffusion.weights.WeightsException if an adapter is for another model
     */
    public static StableDiffusion open(Path model, List<AdapterChoice> adapters, Kernels kernels, Precision precision)
            throws IOException {
        Checkpoint checkpoint = Checkpoint.open(model);
        List<Weighted> weighted = new ArrayList<>();
        Set<Component> changed = EnumSet.noneOf(Component.class);
        for (AdapterChoice choice : adapters) {
            if (!Files.exists(choice.file())) {
                throw new IllegalArgumentException("the adapter " + choice.file() + " does not exist");
            }
            AdapterState state = AdapterFile.read(
                    choice.file(), checkpoint.component(Component.UNET).config());
            for (Component component : state.components()) {
                if (!checkpoint.has(component)) {
                    throw new IllegalArgumentException("the adapter " + choice.file() + " changes " + component.folder()
                            + ", which " + model + " does not have; it is for another model");
                }
            }
            changed.addAll(state.components());
            weighted.add(new Weighted(state, Strength.all(choice.weight())));
        }
        for (Component component : changed) {
            checkpoint = checkpoint.withWeights(
                    component, AdapterArithmetic.merged(checkpoint.component(component), component, weighted));
        }
        return StableDiffusion.of(checkpoint, kernels, new LoadOptions(precision, Use.INFERENCE));
    }
}
