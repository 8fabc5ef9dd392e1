package atelier.trainer.output;

import atelier.diffusion.tensor.Precision;
import atelier.diffusion.weights.safetensors.DType;

/** The element type of weight files for a precision. */
public final class FileDType {
    private FileDType() {}

    /** @throws IllegalArgumentException for int8, which is a way to compute and not to store */
    public static DType of(Precision precision) {
        return switch (precision) {
            case FP32 -> DType.F32;
            case FP16 -> DType.F16;
            case BF16 -> DType.BF16;
            case INT8 ->
                throw new IllegalArgumentException(
                        "weights are written as fp32, fp16 or bf16, not as int8, which is how networks compute");
        };
    }
}
