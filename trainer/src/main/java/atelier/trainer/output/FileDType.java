package atelier.trainer.output;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.weights.safetensors.DType;

/** The element type of weight files for a precision. */
public final class FileDType {
    private FileDType() {}

    /** @throws WrongCommandException for int8, which is a way to compute and not to store */
    public static DType of(Precision precision) {
        return switch (precision) {
            case FP32 -> DType.F32;
            case FP16 -> DType.F16;
            case BF16 -> DType.BF16;
            case INT8 ->
                throw new WrongCommandException("files are written as fp32, fp16 or bf16; int8 is only for computing");
        };
    }
}
