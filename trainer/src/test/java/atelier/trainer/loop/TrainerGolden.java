package atelier.trainer.loop;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.trainer.optimizer.rule.Optimizers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** What a reference implementation computed: see scripts/conformance/golden. */
public final class TrainerGolden {
    /** One set of CPU kernels, the optimisers' among them, for all tests of a process. */
    public static final Kernels CPU = Kernels.load(Device.cpu(), List.of(Optimizers.KERNELS));

    private final SafetensorsFile file;

    private TrainerGolden(SafetensorsFile file) {
        this.file = file;
    }

    public static TrainerGolden file(String name) {
        return at(Path.of("src/test/resources/golden").resolve(name + ".safetensors"));
    }

    public static TrainerGolden at(Path path) {
        try {
            return new TrainerGolden(SafetensorsFile.open(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Set<String> names() {
        return file.tensors().keySet();
    }

    public TensorView view(String name) {
        TensorView view = file.find(name);
        assertThat(view).as(name).isNotNull();
        return view;
    }

    public NDArray array(NDManager manager, String name) {
        return manager.create(view(name).toFloats(), new Shape(view(name).shape()));
    }

    public float[] floats(String name) {
        return view(name).toFloats();
    }

    public double[] doubles(String name) {
        double[] values = new double[(int) view(name).elements()];
        view(name).data().asDoubleBuffer().get(values);
        return values;
    }

    /** fp64 values as the fp32 that the product works in. */
    public float[] narrowed(String name) {
        double[] wide = doubles(name);
        float[] values = new float[wide.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) wide[i];
        }
        return values;
    }

    public int[] integers(String name) {
        long[] wide = new long[(int) view(name).elements()];
        view(name).data().asLongBuffer().get(wide);
        int[] values = new int[wide.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (int) wide[i];
        }
        return values;
    }

    /** Largest difference over the largest expected magnitude. */
    public static double relativeError(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double difference = 0;
        double magnitude = 1e-12;
        for (int i = 0; i < actual.length; i++) {
            assertThat(Float.isNaN(actual[i])).as("NaN at %s", i).isFalse();
            difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
            magnitude = Math.max(magnitude, Math.abs(expected[i]));
        }
        return difference / magnitude;
    }
}
