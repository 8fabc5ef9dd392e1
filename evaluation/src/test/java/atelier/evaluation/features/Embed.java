package atelier.evaluation.features;

import ai.djl.Device;
import atelier.common.image.Pixels;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.SafetensorsWriter;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.evaluation.metric.FrechetDistance;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A converted network's vectors of pictures; scripts/conformance/live/check_features.py compares them. Arguments are
 * key=value: network (sscd, csd, inception), folder, inputs (a file with in.pictures, bytes), outputs; or network=frechet,
 * inputs (a file with in.x and in.y, rows of features), outputs.
 */
public final class Embed {
    private Embed() {}

    public static void main(String[] arguments) throws IOException {
        Map<String, String> options = new LinkedHashMap<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            options.put(argument.substring(0, equals), argument.substring(equals + 1));
        }
        if (option(options, "network").equals("frechet")) {
            frechet(SafetensorsFile.open(Path.of(option(options, "inputs"))), Path.of(option(options, "outputs")));
            return;
        }
        List<Pixels> pictures = pictures(Path.of(option(options, "inputs")));
        Path folder = Path.of(option(options, "folder"));
        List<float[]> rows;
        try (Kernels kernels = Kernels.load(Device.cpu(), List.of(ConvolutionalGraph.KERNELS))) {
            rows = rows(option(options, "network"), folder, kernels, pictures);
        }
        int width = rows.get(0).length;
        float[] all = new float[rows.size() * width];
        for (int i = 0; i < rows.size(); i++) {
            System.arraycopy(rows.get(i), 0, all, i * width, width);
        }
        Map<String, TensorView> out = Map.of("out.vectors", TensorView.ofFloats(all, rows.size(), width));
        SafetensorsWriter.write(Path.of(option(options, "outputs")), out, new HashMap<>());
    }

    private static void frechet(SafetensorsFile inputs, Path outputs) throws IOException {
        try (Kernels kernels = Kernels.load(Device.cpu(), List.of(FrechetDistance.KERNELS))) {
            double distance = FrechetDistance.of(matrix(inputs, "in.x"), matrix(inputs, "in.y"), kernels);
            float[] value = {(float) distance};
            SafetensorsWriter.write(outputs, Map.of("out.distance", TensorView.ofFloats(value, 1)), new HashMap<>());
        }
    }

    private static float[][] matrix(SafetensorsFile file, String name) {
        TensorView view = Objects.requireNonNull(file.find(name), name);
        float[][] rows = new float[(int) view.shape()[0]][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = view.rows(i, i + 1).toFloats();
        }
        return rows;
    }

    private static List<float[]> rows(String network, Path folder, Kernels kernels, List<Pixels> pictures)
            throws IOException {
        if (network.equals("csd")) {
            try (PictureTower tower = PictureTower.csd(folder, kernels)) {
                return tower.pictures(pictures);
            }
        }
        try (ConvolutionalGraph graph = network.equals("sscd")
                ? ConvolutionalGraph.sscd(folder, kernels)
                : ConvolutionalGraph.inception(folder, kernels)) {
            return List.of(graph.embeddings(pictures));
        }
    }

    private static List<Pixels> pictures(Path file) throws IOException {
        TensorView view = Objects.requireNonNull(SafetensorsFile.open(file).find("in.pictures"));
        int height = (int) view.shape()[1];
        int width = (int) view.shape()[2];
        List<Pixels> pictures = new ArrayList<>();
        for (int i = 0; i < view.shape()[0]; i++) {
            byte[] rgb = new byte[3 * width * height];
            view.rows(i, i + 1).data().get(rgb);
            pictures.add(new Pixels(width, height, rgb));
        }
        return pictures;
    }

    private static String option(Map<String, String> options, String key) {
        return Objects.requireNonNull(options.get(key), key);
    }
}
