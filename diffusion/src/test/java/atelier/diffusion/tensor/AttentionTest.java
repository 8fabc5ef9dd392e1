package atelier.diffusion.tensor;

import static atelier.diffusion.SharedKernels.CPU;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.noise.TorchRandom;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attention made in parts, and with keys added that get no weight, against its definition made at once. */
class AttentionTest {
    private static final int BF16 = 15;
    private static final int FP32 = 6;
    private static final TorchRandom RANDOM = new TorchRandom(5);

    private final NDManager scope = CPU.manager().newSubManager();

    @AfterEach
    void free() {
        scope.close();
    }

    /** In turn: at once; whole vectors of keys; some heads at a time; some rows at a time; later keys hidden, small and large. */
    @ParameterizedTest
    @CsvSource({
        "2, 70, 64, 32, 2, false",
        "1, 1100, 77, 32, 2, false",
        "3, 900, 900, 16, 1, false",
        "1, 2200, 2200, 16, 1, false",
        "8, 77, 77, 32, 2, true",
        "1, 1500, 1500, 8, 1, true"
    })
    void isTheDefinition(int batch, int queries, int keys, int channels, int heads, boolean causal) {
        NDArray q = random(batch, queries, channels);
        NDArray k = random(batch, keys, channels);
        NDArray v = random(batch, keys, channels);
        NDArray g = random(batch, queries, channels);

        NDList expected = definition(split(q, heads), split(k, heads), split(v, heads), split(g, heads), causal);
        NDArray result = CPU.one(scope, "attend", q, k, v, heads, causal);
        NDList gradients = CPU.call(scope, "attend_grad", q, k, v, g, heads, causal);

        same(result, expected.get(0), heads);
        for (int i = 0; i < 3; i++) {
            same(gradients.get(i), expected.get(i + 1), heads);
        }
    }

    /** On a processor with tiles: the fused operator from 512 tokens on, the same scores below. */
    @ParameterizedTest
    @CsvSource({"2, 640, 640, 64, 2", "1, 512, 77, 64, 2"})
    void isTheSameByTheFusedOperator(int batch, int queries, int keys, int channels, int heads) {
        try (Kernels tiles = Kernels.load(Device.cpu(), List.of(), new Execution(false, false, true));
                NDManager own = tiles.manager().newSubManager()) {
            List<NDArray> half = Stream.of(queries, keys, keys)
                    .map(n -> tiles.one(own, "to_type", random(batch, n, channels), BF16))
                    .toList();
            NDArray fused = tiles.one(own, "attend", half.get(0), half.get(1), half.get(2), heads, false);
            NDArray plain = CPU.one(own, "attend", half.get(0), half.get(1), half.get(2), heads, false);
            NDArray difference = tiles.one(own, "to_type", fused, FP32)
                    .sub(tiles.one(own, "to_type", plain, FP32))
                    .abs()
                    .max();
            // Rounding of bf16 to eight bits, of values below one.
            assertThat(difference.getFloat()).isLessThan(0.01f);
        }
    }

    /** The result, and the gradients to q, k and v; all of [batch * heads, places, width]. */
    private NDList definition(NDArray q, NDArray k, NDArray v, NDArray g, boolean causal) {
        double scale = Math.pow((double) q.getShape().get(2), -0.5);
        NDArray scores = q.matMul(k.transpose(0, 2, 1)).mul(scale);
        if (causal) {
            long places = q.getShape().get(1);
            NDArray place = scope.arange((float) places);
            NDArray later = place.reshape(1, places).gt(place.reshape(places, 1));
            scores = scores.sub(later.toType(scores.getDataType(), false).mul(1e9));
        }
        NDArray weights = scores.softmax(-1);
        NDArray back = g.matMul(v.transpose(0, 2, 1));
        NDArray mean = back.mul(weights).sum(new int[] {2}, true);
        NDArray gradient = weights.mul(back.sub(mean)).mul(scale);
        return new NDList(
                weights.matMul(v),
                gradient.matMul(k),
                gradient.transpose(0, 2, 1).matMul(q),
                weights.transpose(0, 2, 1).matMul(g));
    }

    private static void same(NDArray joined, NDArray expected, int heads) {
        NDArray difference = split(joined, heads).sub(expected).abs().max();
        assertThat(expected.abs().max().getFloat()).isGreaterThan(0.01f);
        assertThat(difference.getFloat()).isLessThan(2e-5f);
    }

    private static NDArray split(NDArray x, int heads) {
        long[] shape = x.getShape().getShape();
        long width = shape[2] / heads;
        return x.reshape(shape[0], shape[1], heads, width)
                .transpose(0, 2, 1, 3)
                .reshape(shape[0] * heads, shape[1], width);
    }

    private NDArray random(long... shape) {
        float[] values = RANDOM.normal((int) new Shape(shape).size());
        return scope.create(values, new Shape(shape));
    }
}
