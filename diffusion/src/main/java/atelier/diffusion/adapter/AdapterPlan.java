package atelier.diffusion.adapter;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.adapter.settings.AdapterMethodName;
import atelier.diffusion.adapter.settings.AdapterSettings;
import atelier.diffusion.adapter.settings.LayerPattern;
import atelier.diffusion.adapter.settings.LayerPattern.Named;
import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.tensor.Layer.Group;
import atelier.diffusion.weights.name.Component;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Decides which layers of a model's networks get which update, of which rank and rate. */
public final class AdapterPlan {
    private final AdapterSettings settings;
    private final Map<Component, List<Layer>> networks;

    private AdapterPlan(AdapterSettings settings, Map<Component, List<Layer>> networks) {
        this.settings = settings;
        this.networks = networks;
    }

    /**
     * A plan for some networks together.
     *
     * @param networks the layers of each network that is to get updates
     * @throws WrongCommandException when no layer of a network is a target, or a pattern fits none of any
     */
    public static AdapterPlan of(AdapterSettings settings, Map<Component, List<Layer>> networks) {
        AdapterPlan plan = new AdapterPlan(settings, new EnumMap<>(networks));
        plan.check();
        return plan;
    }

    /** Attaches fresh modules to the target layers of a UNet alone. */
    public static Adapter build(Kernels kernels, List<Layer> layers, AdapterSettings settings, long seed) {
        return of(settings, Map.of(Component.UNET, layers)).build(kernels, Component.UNET, seed);
    }

    /**
     * Attaches fresh modules to all target layers of a network.
     *
     * @param seed each layer draws its start from this and its place, whatever the other layers are
     */
    public Adapter build(Kernels kernels, Component network, long seed) {
        List<AdapterModule> modules = new ArrayList<>();
        List<Named> layers = named(network);
        try {
            for (int i = 0; i < layers.size(); i++) {
                if (isTarget(layers.get(i))) {
                    // Networks are so far apart that their streams never meet.
                    long stream = seed * 0x9E3779B97F4A7C15L + ((long) network.ordinal() << 32) + i;
                    modules.add(module(kernels, layers.get(i), new TorchRandom(stream)));
                }
            }
            for (Named named : layers) {
                if (trainsVectors(named)) {
                    modules.add(VectorDifference.fresh(kernels, named.layer()));
                }
            }
        } catch (RuntimeException e) {
            modules.forEach(AdapterModule::close);
            throw e;
        }
        return new Adapter(kernels, modules);
    }

    /** Norms that are targets, and biases of the layers that are; where biases are the only target, of all layers. */
    private boolean trainsVectors(Named named) {
        return hasVectorTarget(named) && !isExcluded(named);
    }

    private boolean hasVectorTarget(Named named) {
        List<Group> targets = settings.targets();
        boolean norm = named.layer().kind() == Layer.Kind.NORM;
        if (norm) {
            return targets.contains(Group.NORMS);
        }
        boolean alone = targets.stream().allMatch(group -> group == Group.BIASES || group == Group.NORMS);
        return targets.contains(Group.BIASES) && named.layer().bias() && (alone || isTargeted(named));
    }

    /** What multiplies the learning rate of a network's layer. */
    public static double rate(Component network, Layer layer, AdapterSettings settings) {
        return LayerPattern.choose(settings.rates(), new Named(network, layer), 1.0);
    }

    /**
     * Refuses rates by pattern that fit no layer of what a file attached.
     *
     * @param adapters by network
     */
    public static void checkRates(AdapterSettings settings, Map<Component, Adapter> adapters) {
        List<Named> layers = new ArrayList<>();
        adapters.forEach((network, adapter) ->
                adapter.modules().forEach(module -> layers.add(new Named(network, module.layer()))));
        LayerPattern.checkUsed("adapter.rates", settings.rates().keySet(), layers);
    }

    private List<Named> named(Component network) {
        return networks.getOrDefault(network, List.of()).stream()
                .map(layer -> new Named(network, layer))
                .toList();
    }

    private void check() {
        List<Named> targets = new ArrayList<>();
        for (Component network : networks.keySet()) {
            List<Named> own = named(network).stream()
                    .filter(named -> isTargeted(named) || hasVectorTarget(named))
                    .toList();
            if (own.stream().allMatch(this::isExcluded)) {
                throw new WrongCommandException(
                        "adapter.targets = " + settings.targets() + " without adapter.exclude = " + settings.exclude()
                                + " names no layer of the " + network.folder() + "; attention is always there");
            }
            targets.addAll(own);
        }
        LayerPattern.checkUsed("adapter.ranks", settings.ranks().keySet(), targets);
        LayerPattern.checkUsed("adapter.alphas", settings.alphas().keySet(), targets);
        LayerPattern.checkUsed("adapter.rates", settings.rates().keySet(), targets);
        LayerPattern.checkUsed("adapter.exclude", settings.exclude(), targets);
    }

    private boolean isTarget(Named named) {
        return isTargeted(named) && named.layer().kind() != Layer.Kind.NORM && !isExcluded(named);
    }

    private boolean isExcluded(Named named) {
        return settings.exclude().stream().anyMatch(pattern -> LayerPattern.fits(pattern, named));
    }

    private boolean isTargeted(Named named) {
        Group group = named.layer().group();
        boolean locon = settings.method() == AdapterMethodName.LOCON
                && isWide(named.layer())
                && (group == Group.RESNETS || group == Group.SAMPLERS);
        return locon || settings.targets().contains(group);
    }

    private static boolean isWide(Layer layer) {
        return layer.kernel() > 1;
    }

    private int rank(Named named) {
        Integer wide = settings.convRank();
        return LayerPattern.choose(
                settings.ranks(), named, isWide(named.layer()) && wide != null ? wide.intValue() : settings.rank());
    }

    private double scale(Named named) {
        Double wide = settings.convAlpha();
        double alpha = LayerPattern.choose(
                settings.alphas(),
                named,
                isWide(named.layer()) && wide != null ? wide.doubleValue() : settings.alpha());
        return settings.useRslora() ? alpha / Math.sqrt(rank(named)) : alpha / rank(named);
    }

    private AdapterModule module(Kernels kernels, Named named, TorchRandom random) {
        Layer layer = named.layer();
        int rank = rank(named);
        double scale = scale(named);
        boolean lengths = settings.weightDecompose();
        boolean tucker = settings.useTucker() && isWide(layer);
        return switch (settings.method()) {
            case LORA, LOCON ->
                tucker
                        ? WeightModule.fresh(kernels, layer, TuckerLowRank.fresh(layer, rank, scale, random), lengths)
                        : lowRank(kernels, layer, rank, scale, random);
            case DORA -> LowRank.fresh(kernels, layer, rank, scale, true, random);
            case LOHA -> WeightModule.fresh(kernels, layer, LoHa.fresh(layer, rank, scale, tucker, random), lengths);
            case LOKR -> {
                LoKr.Shape shape = new LoKr.Shape(
                        settings.factor(), settings.decomposeBoth(), settings.fullMatrix(), settings.useTucker());
                yield WeightModule.fresh(kernels, layer, LoKr.fresh(layer, rank, scale, shape, random), lengths);
            }
            case GLORA -> new WeightModule(kernels, layer, Glora.fresh(layer, rank, scale, random), true);
            case IA3 -> {
                boolean inputs = settings.onInput().stream().anyMatch(pattern -> LayerPattern.fits(pattern, named));
                yield new WeightModule(kernels, layer, Ia3.fresh(layer, inputs), true);
            }
            case OFT, BOFT -> {
                boolean butterfly = settings.method() == AdapterMethodName.BOFT;
                Rotated.Shape shape = new Rotated.Shape(butterfly, rank, settings.constraint(), settings.rescaled());
                yield new WeightModule(kernels, layer, Rotated.fresh(layer, shape), true);
            }
            case FULL -> new WeightModule(kernels, layer, FullMatrix.fresh(layer), true);
        };
    }

    private AdapterModule lowRank(Kernels kernels, Layer layer, int rank, double scale, TorchRandom random) {
        return switch (settings.init()) {
            case DEFAULT -> LowRank.fresh(kernels, layer, rank, scale, settings.weightDecompose(), random);
            case GAUSSIAN -> LowRank.of(kernels, layer, scale, LowRankStart.gaussian(layer, rank, random), true);
            case ORTHOGONAL -> LowRank.of(kernels, layer, scale, LowRankStart.orthogonal(layer, rank, random), true);
            case PISSA, OLORA -> ResidualLowRank.fresh(kernels, layer, settings.init(), rank, scale);
        };
    }
}
