package atelier.diffusion.adapter;

import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Layer;
import atelier.diffusion.tensor.Layer.Group;
import java.util.ArrayList;
import java.util.List;

/** Decides which layers of a network get which update, of which rank and rate. */
public final class AdapterPlan {
    private final AdapterSettings settings;

    private AdapterPlan(AdapterSettings settings) {
        this.settings = settings;
    }

    /**
     * Attaches fresh modules to all target layers.
     *
     * @param layers a network's layers
     * @param seed each layer draws its start from this and its place, whatever the other layers are
     * @throws IllegalArgumentException when no layer is a target, or a pattern fits none
     */
    public static Adapter build(Kernels kernels, List<Layer> layers, AdapterSettings settings, long seed) {
        AdapterPlan plan = new AdapterPlan(settings);
        plan.check(layers);
        List<AdapterModule> modules = new ArrayList<>();
        try {
            for (int i = 0; i < layers.size(); i++) {
                Layer layer = layers.get(i);
                if (plan.isTarget(layer)) {
                    modules.add(plan.module(kernels, layer, new TorchRandom(seed * 0x9E3779B97F4A7C15L + i)));
                }
            }
        } catch (IllegalArgumentException e) {
            modules.forEach(AdapterModule::close);
            throw e;
        }
        return new Adapter(kernels, modules);
    }

    /** What multiplies the learning rate of a layer. */
    public static double rate(Layer layer, AdapterSettings settings) {
        return LayerPattern.choose(settings.rates(), layer, 1.0);
    }

    private void check(List<Layer> layers) {
        List<Layer> targets = layers.stream().filter(this::isTargeted).toList();
        if (targets.stream().noneMatch(this::isTarget)) {
            throw new IllegalArgumentException("adapter.targets = " + settings.targets() + " without adapter.exclude = "
                    + settings.exclude() + " names no layer of this network; attention is always there");
        }
        LayerPattern.checkUsed("adapter.ranks", settings.ranks().keySet(), targets);
        LayerPattern.checkUsed("adapter.alphas", settings.alphas().keySet(), targets);
        LayerPattern.checkUsed("adapter.rates", settings.rates().keySet(), targets);
        LayerPattern.checkUsed("adapter.exclude", settings.exclude(), targets);
    }

    private boolean isTarget(Layer layer) {
        return isTargeted(layer) && settings.exclude().stream().noneMatch(pattern -> LayerPattern.fits(pattern, layer));
    }

    private boolean isTargeted(Layer layer) {
        boolean locon = settings.method() == AdapterMethodName.LOCON
                && isWide(layer)
                && (layer.group() == Group.RESNETS || layer.group() == Group.SAMPLERS);
        return locon || settings.targets().contains(layer.group());
    }

    private static boolean isWide(Layer layer) {
        return layer.kernel() > 1;
    }

    private int rank(Layer layer) {
        Integer wide = settings.convRank();
        return LayerPattern.choose(
                settings.ranks(), layer, isWide(layer) && wide != null ? wide.intValue() : settings.rank());
    }

    private double scale(Layer layer) {
        Double wide = settings.convAlpha();
        double alpha = LayerPattern.choose(
                settings.alphas(), layer, isWide(layer) && wide != null ? wide.doubleValue() : settings.alpha());
        return settings.useRslora() ? alpha / Math.sqrt(rank(layer)) : alpha / rank(layer);
    }

    private AdapterModule module(Kernels kernels, Layer layer, TorchRandom random) {
        int rank = rank(layer);
        double scale = scale(layer);
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
            case FULL -> new WeightModule(kernels, layer, FullMatrix.fresh(layer), true);
        };
    }

    private AdapterModule lowRank(Kernels kernels, Layer layer, int rank, double scale, TorchRandom random) {
        return switch (settings.init()) {
            case DEFAULT -> LowRank.fresh(kernels, layer, rank, scale, settings.weightDecompose(), random);
            case GAUSSIAN -> given(kernels, layer, scale, LowRankStart.gaussian(layer, rank, random));
            case ORTHOGONAL -> given(kernels, layer, scale, LowRankStart.orthogonal(layer, rank, random));
            case PISSA, OLORA -> ResidualLowRank.fresh(kernels, layer, settings.init(), rank, scale);
        };
    }

    private static LowRank given(Kernels kernels, Layer layer, double scale, LowRankStart start) {
        return LowRank.of(kernels, layer, scale, start.down(), start.up(), null, true);
    }
}
