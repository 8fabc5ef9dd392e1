package atelier.trainer.optimizer;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.adapter.Adapter;
import atelier.diffusion.adapter.AdapterModule;
import atelier.diffusion.adapter.AdapterPlan;
import atelier.diffusion.adapter.settings.AdapterSettings;
import atelier.diffusion.tensor.Parameter;
import atelier.diffusion.weights.name.Component;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Sorts parameters into groups of one learning rate. */
public final class ParameterGroups {
    private ParameterGroups() {}

    /**
     * The adapters' groups, by network and rate: a layer's rate is that of its network, times adapter.rates, times
     * optimizer.lora_plus_ratio for up matrices (Hayou et al. 2024: they should learn faster, as their start is zero).
     * Names of text encoders' parameters begin with the encoder's.
     *
     * @throws WrongCommandException if a ratio is set and nothing has an up matrix
     */
    public static List<ParameterGroup> of(
            Map<Component, Adapter> adapters, AdapterSettings plan, OptimizerSettings settings) {
        List<ParameterGroup> groups = new ArrayList<>();
        boolean ups = false;
        for (Map.Entry<Component, Adapter> entry : adapters.entrySet()) {
            Component network = entry.getKey();
            Map<Double, List<Parameter>> byFactor = new TreeMap<>();
            for (AdapterModule module : entry.getValue().modules()) {
                double rate = AdapterPlan.rate(network, module.layer(), plan);
                for (Parameter parameter : module.parameters()) {
                    boolean up = parameter.name().endsWith(".lora_up");
                    ups |= up;
                    double factor = up ? rate * settings.loraPlusRatio() : rate;
                    byFactor.computeIfAbsent(factor, absent -> new ArrayList<>())
                            .add(named(network, parameter));
                }
            }
            groups.addAll(groups(
                    network, byFactor, FlatParameters.of(entry.getValue()).orElse(null), settings));
        }
        if (!ups && settings.loraPlusRatio() != 1) {
            throw new WrongCommandException(
                    "optimizer.lora_plus_ratio must be 1 unless the adapter has up matrices (lora, locon, dora), got "
                            + settings.loraPlusRatio());
        }
        return groups;
    }

    /**
     * A group for each text encoder's new vectors. They do not decay: nothing would hold them.
     *
     * @param lr null for the optimiser's
     */
    public static List<ParameterGroup> of(
            Map<Component, Parameter> vectors, @Nullable Double lr, OptimizerSettings settings) {
        double factor = lr == null ? 1 : lr / settings.lr();
        List<ParameterGroup> groups = new ArrayList<>();
        vectors.forEach((network, parameter) ->
                groups.add(new ParameterGroup(network.folder() + " embedding", List.of(parameter), factor, 0)));
        return groups;
    }

    /** One group for everything: full fine-tuning. */
    public static List<ParameterGroup> of(List<Parameter> parameters, OptimizerSettings settings) {
        return List.of(new ParameterGroup("unet", parameters, 1, settings.weightDecay()));
    }

    /** Two text encoders have layers of the same paths. */
    private static Parameter named(Component network, Parameter parameter) {
        return network.isTextEncoder()
                ? new Parameter(network.folder() + "." + parameter.name(), parameter.value(), parameter.gradient())
                : parameter;
    }

    private static List<ParameterGroup> groups(
            Component network,
            Map<Double, List<Parameter>> byFactor,
            @Nullable FlatParameters flat,
            OptimizerSettings settings) {
        Double own = network.isTextEncoder() ? settings.textEncoderLr() : null;
        double base = own == null ? 1 : own / settings.lr();
        List<ParameterGroup> groups = new ArrayList<>();
        byFactor.forEach((factor, parameters) -> {
            String name = network.folder() + (factor == 1 ? "" : String.format(Locale.ROOT, " x%.4g", factor));
            groups.add(new ParameterGroup(name, parameters, base * factor, settings.weightDecay(), flat));
        });
        return groups;
    }
}
