package atelier.diffusion;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.TensorView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Set;

/** What a reference implementation computed: see scripts/conformance/golden. */
public final class Golden {
    /** The repository's root: tests of other modules read these files too. */
    public static final Path REPOSITORY = Path.of(System.getProperty("atelier.root", ".."));

    private static final Path ROOT = REPOSITORY.resolve("diffusion/src/test/resources/golden");

    private final SafetensorsFile file;

    private Golden(SafetensorsFile file) {
        this.file = file;
    }

    public static Golden file(String name) {
        return at(ROOT.resolve(name + ".safetensors"));
    }

    public static Golden at(Path path) {
        try {
            return new Golden(SafetensorsFile.open(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Checkpoint model(String name) {
        try {
            return Checkpoint.open(ROOT.resolve("models").resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Set<String> names() {
        return file.tensors().keySet();
    }

    public String metadata(String key) {
        return file.metadata().get(key);
    }

    public TensorView view(String name) {
        TensorView view = file.find(name);
        assertThat(view).as(name).isNotNull();
        return view;
    }

    public float[] floats(String name) {
        return view(name).toFloats();
    }

    public NDArray array(NDManager manager, String name) {
        return manager.create(floats(name), new Shape(view(name).shape()));
    }

    /** Token ids or timesteps. */
    public long[] longs(String name) {
        LongBuffer buffer = view(name).data().asLongBuffer();
        long[] values = new long[buffer.remaining()];
        buffer.get(values);
        return values;
    }

    public long[][] rows(String name) {
        long[] all = longs(name);
        int width = (int) view(name).shape()[1];
        long[][] rows = new long[all.length / width][width];
        for (int i = 0; i < all.length; i++) {
            rows[i / width][i % width] = all[i];
        }
        return rows;
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
