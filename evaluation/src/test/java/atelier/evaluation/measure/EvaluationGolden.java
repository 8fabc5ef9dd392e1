package atelier.evaluation.measure;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.TensorView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** What a reference implementation computed: see scripts/conformance/evaluation. */
public final class EvaluationGolden {
    /** The repository's root. */
    public static final Path REPOSITORY = Path.of(System.getProperty("atelier.root", ".."));

    private final SafetensorsFile file;

    private EvaluationGolden(SafetensorsFile file) {
        this.file = file;
    }

    public static EvaluationGolden file(String name) {
        try {
            return new EvaluationGolden(SafetensorsFile.open(REPOSITORY
                    .resolve("evaluation/src/test/resources/atelier/evaluation")
                    .resolve(name)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public TensorView view(String name) {
        TensorView view = file.find(name);
        assertThat(view).as(name).isNotNull();
        return view;
    }

    public float[] floats(String name) {
        return view(name).toFloats();
    }

    public double[] doubles(String name) {
        float[] values = floats(name);
        double[] wide = new double[values.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = values[i];
        }
        return wide;
    }

    /** Rows of a matrix. */
    public float[][] rows(String name) {
        long[] shape = view(name).shape();
        float[] values = floats(name);
        int width = (int) shape[1];
        float[][] rows = new float[(int) shape[0]][width];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(values, i * width, rows[i], 0, width);
        }
        return rows;
    }

    public byte[] bytes(String name) {
        ByteBuffer data = view(name).data();
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        return bytes;
    }

    public double number(String name) {
        return floats(name)[0];
    }
}
