package atelier.trainer.loop;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.adapter.Adapter;
import atelier.diffusion.adapter.AdapterFiles;
import atelier.diffusion.adapter.AdapterPlan;
import atelier.diffusion.adapter.file.AdapterFile;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.settings.AdapterSettings;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.text.EmbeddingSettings;
import atelier.diffusion.text.NewToken;
import atelier.diffusion.text.TextEncoder;
import atelier.diffusion.text.TrainedTokens;
import atelier.diffusion.weights.name.Component;
import atelier.trainer.optimizer.OptimizerSettings;
import atelier.trainer.optimizer.ParameterGroup;
import atelier.trainer.optimizer.ParameterGroups;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What is to be trained of a model; the same plan gives the same weights on every device.
 *
 * @param adapter which layers get which updates
 * @param embedding which tokens are trained beside it, or alone
 * @param optimizer which of them are trained at which rate
 * @param fullFinetune whether the UNet's own weights are trained instead of an adapter
 * @param seed of the updates' first values
 */
public record TrainablePlan(
        AdapterSettings adapter,
        EmbeddingSettings embedding,
        OptimizerSettings optimizer,
        boolean fullFinetune,
        long seed) {
    /** Whether gradients go back through the text encoders. */
    public boolean trainsText() {
        return adapter.textEncoders() || embedding.isTrained();
    }

    /**
     * Attaches the adapters, or takes the UNet's own weights.
     *
     * @throws WrongCommandException when settings do not fit the model, or adapter.init_from is for another one
     */
    public TrainableWeights attach(StableDiffusion model) throws IOException {
        Kernels kernels = model.kernels();
        if (fullFinetune) {
            List<ParameterGroup> all = ParameterGroups.of(model.unet().parameters(), optimizer);
            return new TrainableWeights(kernels, Map.of(), all);
        }
        Map<Component, Adapter> adapters = new EnumMap<>(Component.class);
        try {
            if (embedding.alone()) {
                // An adapter that changes nothing: its file brings the tokens.
                adapters.put(Component.UNET, new Adapter(kernels, List.of()));
            } else {
                attach(model, adapters);
            }
            List<ParameterGroup> groups = new ArrayList<>(ParameterGroups.of(adapters, adapter, optimizer));
            TrainedTokens tokens = null;
            if (embedding.isTrained()) {
                tokens = model.prompts().trainTokens(NewToken.of(embedding), seed);
                groups.addAll(ParameterGroups.of(tokens.parameters(), embedding.vectorsLr(), optimizer));
            }
            TrainableWeights.Tokens kept =
                    tokens == null ? null : new TrainableWeights.Tokens(tokens, embedding.keepNorm());
            return new TrainableWeights(kernels, adapters, kept, groups);
        } catch (IOException | RuntimeException e) {
            adapters.values().forEach(Adapter::close);
            throw e;
        }
    }

    /** Networks that the file leaves alone get fresh modules, if they are to be trained. */
    private void attach(StableDiffusion model, Map<Component, Adapter> adapters) throws IOException {
        Map<Component, List<Layer>> fresh = new EnumMap<>(Component.class);
        fresh.put(Component.UNET, model.unet().adaptable());
        if (adapter.textEncoders()) {
            model.prompts().networks().forEach((network, encoder) -> fresh.put(network, encoder.adaptable()));
        }
        Path start = adapter.initFrom();
        if (start != null) {
            AdapterState file = AdapterFile.read(
                    start, model.checkpoint().component(Component.UNET).config());
            for (Component network : file.components()) {
                boolean trainable = network == Component.UNET || adapter.textEncoders();
                List<Layer> layers = layers(model, network, start);
                adapters.put(network, AdapterFiles.attach(model.kernels(), layers, file.of(network), trainable));
                fresh.remove(network);
            }
            AdapterPlan.checkRates(adapter, adapters);
        }
        if (!fresh.isEmpty()) {
            AdapterPlan plan = AdapterPlan.of(adapter, fresh);
            for (Component network : fresh.keySet()) {
                adapters.put(network, plan.build(model.kernels(), network, seed));
            }
        }
    }

    private static List<Layer> layers(StableDiffusion model, Component network, Path start) throws IOException {
        if (network == Component.UNET) {
            return model.unet().adaptable();
        }
        TextEncoder encoder = model.prompts().networks().get(network);
        if (encoder == null) {
            throw new WrongCommandException("adapter.init_from = " + start + " changes the " + network.folder()
                    + ", which this model does not have; it is for another model");
        }
        return encoder.adaptable();
    }
}
