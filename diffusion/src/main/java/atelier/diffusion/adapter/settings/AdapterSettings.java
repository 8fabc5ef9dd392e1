package atelier.diffusion.adapter.settings;

import static atelier.common.error.Checks.check;

import atelier.diffusion.tensor.Layer.Group;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The group {@code adapter} of the configuration. Patterns in {@code ranks}, {@code alphas}, {@code rates} and {@code
 * exclude} are layer paths in which a star stands for anything ("up_blocks.*", "*.attn2.*"), or a group's name; of
 * several that fit, the longest counts.
 *
 * @param method how a layer's update is written
 * @param rank inner width of the update
 * @param alpha the update is multiplied by alpha / rank, or alpha / sqrt(rank) with useRslora
 * @param targets groups of layers that get an update
 * @param useRslora whether the scale is rank-stabilised (Kalajdzievski 2023)
 * @param init how low-rank matrices begin
 * @param convRank rank on convolutions larger than 1x1; null for rank
 * @param convAlpha alpha there; null for alpha
 * @param weightDecompose whether LoHa, LoKr and LoCon get trained row lengths too, as DoRA has them
 * @param useTucker whether convolutions' updates of locon, loha and lokr are in Tucker form
 * @param factor LoKr's first factor is near it; -1 for about square factors
 * @param decomposeBoth whether LoKr's first factor is of low rank too
 * @param fullMatrix whether LoKr's factors are whole
 * @param constraint the norm of OFT's and BOFT's skew-symmetric matrices is at most this times the layer's outputs; 0 for
 *     no bound
 * @param rescaled whether OFT and BOFT train a factor for each row too
 * @param onInput patterns of the layers of which IA3 multiplies the inputs in place of the outputs; one that fits none
 *     does nothing
 * @param dropout probability that an element of the hidden state is left out
 * @param rankDropout probability that a rank is left out
 * @param moduleDropout probability that a layer's update is left out
 * @param maxNorm a layer's update of a larger norm is scaled down to it after each step; 0 for none
 * @param ranks ranks by pattern
 * @param alphas alphas by pattern
 * @param rates factors on the learning rate by pattern
 * @param exclude patterns of layers that get no update
 * @param textEncoders whether the text encoders get updates too; their layers' paths begin "text_encoder." or
 *     "text_encoder_2." in patterns
 * @param initFrom an adapter file to go on from; its methods, ranks, alphas and layers take the place of those above
 */
public record AdapterSettings(
        AdapterMethodName method,
        int rank,
        double alpha,
        List<Group> targets,
        boolean useRslora,
        AdapterInit init,
        @Nullable Integer convRank,
        @Nullable Double convAlpha,
        boolean weightDecompose,
        boolean useTucker,
        int factor,
        boolean decomposeBoth,
        boolean fullMatrix,
        double constraint,
        boolean rescaled,
        List<String> onInput,
        double dropout,
        double rankDropout,
        double moduleDropout,
        double maxNorm,
        Map<String, Integer> ranks,
        Map<String, Double> alphas,
        Map<String, Double> rates,
        List<String> exclude,
        boolean textEncoders,
        @Nullable Path initFrom) {
    public AdapterSettings {
        targets = List.copyOf(targets);
        onInput = List.copyOf(onInput);
        // Sorted, so that the same settings print the same in every process.
        ranks = Collections.unmodifiableMap(new TreeMap<>(ranks));
        alphas = Collections.unmodifiableMap(new TreeMap<>(alphas));
        rates = Collections.unmodifiableMap(new TreeMap<>(rates));
        exclude = List.copyOf(exclude);
        check(rank >= 1, "adapter.rank must be at least 1, got %s", rank);
        check(alpha > 0, "adapter.alpha must be above 0, got %s", alpha);
        check(
                !targets.isEmpty(),
                "adapter.targets must name at least one group of layers: attention, feed_forward, projections,"
                        + " resnets, samplers, time_embedding, other, norms or biases; got %s",
                targets);
        check(convRank == null || convRank >= 1, "adapter.conv_rank must be at least 1 or null, got %s", convRank);
        check(convAlpha == null || convAlpha > 0, "adapter.conv_alpha must be above 0 or null, got %s", convAlpha);
        check(factor == -1 || factor >= 1, "adapter.factor must be -1 or at least 1, got %s", factor);
        boolean rotates = method == AdapterMethodName.OFT || method == AdapterMethodName.BOFT;
        check(
                constraint == 0 || (constraint > 0 && rotates),
                "adapter.constraint bounds the rotations of oft and boft: at least 0, and 0 for other methods, got %s",
                constraint);
        check(!rescaled || rotates, "adapter.rescaled is for oft and boft, got adapter.method = %s", word(method));
        check(
                maxNorm == 0 || method.scalesDown(),
                "adapter.max_norm must be 0 for adapter.method = %s, whose rotations do not grow; adapter.constraint"
                        + " bounds them",
                word(method));
        new Dropout(dropout, rankDropout, moduleDropout);
        check(maxNorm >= 0, "adapter.max_norm must be at least 0, got %s", maxNorm);
        check(ranks.values().stream().allMatch(r -> r >= 1), "adapter.ranks must be at least 1, got %s", ranks);
        check(alphas.values().stream().allMatch(a -> a > 0), "adapter.alphas must be above 0, got %s", alphas);
        check(rates.values().stream().allMatch(r -> r >= 0), "adapter.rates must be at least 0, got %s", rates);
        check(
                initFrom == null || (ranks.isEmpty() && alphas.isEmpty() && exclude.isEmpty()),
                "adapter.ranks, adapter.alphas and adapter.exclude must be empty with adapter.init_from = %s: the file says"
                        + " which layers it changes, and how",
                initFrom);
        checkTogether(method, init, useTucker, weightDecompose, dropout, moduleDropout, maxNorm);
    }

    /** Whether what is trained can be taken in part: a product beside the weight that any number may scale. */
    public boolean takesStrength() {
        boolean beside = init != AdapterInit.PISSA && init != AdapterInit.OLORA;
        return beside && method != AdapterMethodName.DORA && !weightDecompose && initFrom == null;
    }

    private static void checkTogether(
            AdapterMethodName method,
            AdapterInit init,
            boolean useTucker,
            boolean weightDecompose,
            double dropout,
            double moduleDropout,
            double maxNorm) {
        boolean plain = init == AdapterInit.DEFAULT;
        boolean pair = method == AdapterMethodName.LORA || method == AdapterMethodName.LOCON;
        check(
                plain || (pair && !useTucker && !weightDecompose),
                "adapter.init must be default unless adapter.method is lora or locon in plain form, got %s",
                word(init));
        check(
                dropout == 0 || (method.lowRank() && !useTucker && !weightDecompose),
                "adapter.dropout acts on the hidden state of lora, locon and dora and must be 0 here, got %s",
                dropout);
        boolean part = init == AdapterInit.PISSA || init == AdapterInit.OLORA;
        check(
                !part || (moduleDropout == 0 && maxNorm == 0),
                "adapter.module_dropout and adapter.max_norm must be 0 for adapter.init = %s, whose update holds a part"
                        + " of the weight",
                word(init));
        check(
                !useTucker || method.takesLengths(),
                "adapter.use_tucker is for lora, locon, loha and lokr, got adapter.method = %s",
                word(method));
        check(
                !weightDecompose || method.takesLengths(),
                "adapter.weight_decompose is for lora, locon, loha and lokr, got adapter.method = %s",
                word(method));
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** What a step leaves out. */
    public Dropout dropouts() {
        return new Dropout(dropout, rankDropout, moduleDropout);
    }
}
