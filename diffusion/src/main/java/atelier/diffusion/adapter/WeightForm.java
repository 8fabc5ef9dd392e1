package atelier.diffusion.adapter;

import atelier.diffusion.weights.safetensors.TensorView;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An update that is made in weight space, by the roles of weight files; see the classes that make one: {@link LoHa},
 * {@link LoKr}, {@link FullMatrix}, {@link TuckerLowRank}, {@link Glora}, {@link Ia3}, {@link Rotated}.
 *
 * @param tensors fp32, by role: hada_w1_a, lokr_w2, diff, lora_mid.weight, dora_scale and so on
 * @param scale what the product of the tensors is multiplied by
 * @param rank the inner width; 0 where there is none
 * @param normInGradient whether the gradient of a decomposed weight goes through its norm, as in LyCORIS, or takes the
 *     norm for a constant, as in PEFT and the DoRA paper's section 4.3
 * @param constraint of OFT and BOFT: their skew-symmetric matrices together have at most this norm times the layer's
 *     outputs, as in LyCORIS; 0 for no bound
 */
public record WeightForm(
        Map<String, TensorView> tensors, double scale, int rank, boolean normInGradient, double constraint) {
    static final String MAGNITUDE = "dora_scale";

    /** A form without a constraint. */
    public WeightForm(Map<String, TensorView> tensors, double scale, int rank, boolean normInGradient) {
        this(tensors, scale, rank, normInGradient, 0);
    }

    public WeightForm {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    }

    /** The same form with lengths by row; {@link WeightModule} fills in the base's where they are null. */
    WeightForm withMagnitude(TensorView magnitude) {
        Map<String, TensorView> more = new LinkedHashMap<>(tensors);
        more.put(MAGNITUDE, magnitude);
        return new WeightForm(more, scale, rank, normInGradient, constraint);
    }
}
