package atelier.trainer.optimizer.rule;

import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Parameter;
import atelier.trainer.optimizer.Optimizer;
import atelier.trainer.optimizer.OptimizerSettings;
import atelier.trainer.optimizer.ParameterGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Makes the optimiser that settings name. */
public final class Optimizers {
    /** The kernel text that {@link Kernels#load(ai.djl.Device, List)} must be given. */
    public static final String KERNELS = "/atelier/trainer/optimizer/rule/optimizers.py";

    /** Below so many values a byte's table costs more than it saves; bitsandbytes draws the line at the same place. */
    static final int LEAST_8BIT = 4096;

    private Optimizers() {}

    /**
     * An optimiser with fresh state. What its rule is not made for goes to AdamW: vectors beside Muon, tensors of less
     * than 4096 values beside 8-bit AdamW.
     */
    public static Optimizer create(Kernels kernels, List<ParameterGroup> groups, OptimizerSettings settings) {
        double beta1 = settings.beta1();
        double beta2 = settings.beta2();
        double eps = settings.eps();
        return switch (settings.name()) {
            case ADAMW -> new AdamW(kernels, groups, beta1, beta2, eps);
            case ADAMW_8BIT ->
                split(
                        groups,
                        parameter -> parameter.value().size() >= LEAST_8BIT,
                        large -> new AdamW8Bit(kernels, large, beta1, beta2, eps),
                        small -> new AdamW(kernels, small, beta1, beta2, eps));
            case ADAFACTOR -> new Adafactor(kernels, groups, beta1, settings.adafactor());
            case PRODIGY -> new Prodigy(kernels, groups, beta1, beta2, eps, settings.prodigy());
            case LION -> new Lion(kernels, groups, beta1, beta2);
            case SGD -> new Sgd(kernels, groups, settings.momentum(), settings.nesterov());
            case MUON ->
                split(
                        groups,
                        parameter -> parameter.value().getShape().dimension() >= 2,
                        matrices ->
                                new Muon(kernels, matrices, settings.momentum(), settings.nesterov(), settings.muon()),
                        vectors -> new AdamW(kernels, vectors, beta1, beta2, eps));
            case SCHEDULE_FREE_ADAMW -> new ScheduleFreeAdamW(kernels, groups, beta1, beta2, eps);
        };
    }

    /** Makes an optimiser for some groups. */
    @FunctionalInterface
    private interface Rule {
        Optimizer of(List<ParameterGroup> groups);
    }

    private static Optimizer split(List<ParameterGroup> groups, Predicate<Parameter> suits, Rule rule, Rule otherwise) {
        List<ParameterGroup> first = part(groups, suits);
        List<ParameterGroup> rest = part(groups, suits.negate());
        if (rest.isEmpty()) {
            return rule.of(first);
        }
        return first.isEmpty() ? otherwise.of(rest) : new JoinedOptimizer(rule.of(first), otherwise.of(rest));
    }

    private static List<ParameterGroup> part(List<ParameterGroup> groups, Predicate<Parameter> suits) {
        List<ParameterGroup> parts = new ArrayList<>();
        for (ParameterGroup group : groups) {
            List<Parameter> some = group.parameters().stream().filter(suits).toList();
            if (!some.isEmpty()) {
                parts.add(
                        new ParameterGroup(group.name(), some, group.rateFactor(), group.weightDecay(), group.flat()));
            }
        }
        return parts;
    }
}
