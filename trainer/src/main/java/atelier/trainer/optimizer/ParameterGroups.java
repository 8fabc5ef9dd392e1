package atelier.trainer.optimizer;

import atelier.diffusion.adapter.Adapter;
import atelier.diffusion.adapter.AdapterModule;
import atelier.diffusion.adapter.AdapterPlan;
import atelier.diffusion.adapter.AdapterSettings;
import atelier.diffusion.tensor.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Sorts parameters into groups of one learning rate. */
public final class ParameterGroups {
    private ParameterGroups() {}

    /**
     * An adapter's groups: a layer's rate is that of adapter.rates, times optimizer.lora_plus_ratio for up matrices
     * (Hayou et al. 2024: they should learn faster, as their start is zero).
     *
     * @throws IllegalArgumentException if a ratio is set and nothing has an up matrix
     */
    public static List<ParameterGroup> of(Adapter adapter, AdapterSettings plan, OptimizerSettings settings) {
        Map<Double, List<Parameter>> byFactor = new TreeMap<>();
        boolean ups = false;
        for (AdapterModule module : adapter.modules()) {
            double rate = AdapterPlan.rate(module.layer(), plan);
            for (Parameter parameter : module.parameters()) {
                boolean up = parameter.name().endsWith(".lora_up");
                ups |= up;
                double factor = up ? rate * settings.loraPlusRatio() : rate;
                byFactor.computeIfAbsent(factor, absent -> new ArrayList<>()).add(parameter);
            }
        }
        if (!ups && settings.loraPlusRatio() != 1) {
            throw new IllegalArgumentException(
                    "optimizer.lora_plus_ratio must be 1 unless the adapter has up matrices (lora, locon, dora), got "
                            + settings.loraPlusRatio());
        }
        return groups(byFactor, settings.weightDecay());
    }

    /** One group for everything: full fine-tuning. */
    public static List<ParameterGroup> of(List<Parameter> parameters, OptimizerSettings settings) {
        return List.of(new ParameterGroup("all", parameters, 1, settings.weightDecay()));
    }

    private static List<ParameterGroup> groups(Map<Double, List<Parameter>> byFactor, double weightDecay) {
        List<ParameterGroup> groups = new ArrayList<>();
        byFactor.forEach((factor, parameters) -> groups.add(
                new ParameterGroup(String.format(Locale.ROOT, "x%.4g", factor), parameters, factor, weightDecay)));
        return groups;
    }
}
