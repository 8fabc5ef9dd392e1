package atelier.inference.safety;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.tensor.BlockTensors;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.TensorView;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The bundled classifier: nsfwjs' MobileNetV2 (Sandler et al. 2018), which tells drawings, photographs and nudity in both
 * apart. Its weights are the package's own bytes; {@code scripts/safety/convert.py} wrote the file.
 */
final class NudityClassifier implements PictureChecker {
    static final String KERNELS = "/atelier/inference/safety/mobilenet.py";
    /** In the order of the last layer. */
    static final List<String> CLASSES = List.of("drawing", "hentai", "neutral", "porn", "sexy");

    private static final String WEIGHTS = "mobilenet-v2.safetensors";
    private static final int SIDE = 224;

    private final Kernels kernels;
    private final NDManager manager;
    private final BlockTensors tensors = new BlockTensors();
    private final double threshold;

    /**
     * Loads it.
     *
     * @param kernels that were loaded with {@link #KERNELS}
     * @param threshold of the two classes of nudity together
     */
    NudityClassifier(Kernels kernels, double threshold) throws IOException {
        this.kernels = kernels;
        this.threshold = threshold;
        manager = kernels.manager().newSubManager();
        Path copy = Files.createTempFile("atelier-safety", ".safetensors");
        try (InputStream in = NudityClassifier.class.getResourceAsStream(WEIGHTS)) {
            if (in == null) {
                throw new IOException(WEIGHTS + " is not on the class path");
            }
            Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
            SafetensorsFile file = SafetensorsFile.open(copy);
            file.tensors().forEach((name, tensor) -> tensors.put(name, load(file, name, tensor)));
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    /** value = byte * scale + minimum. */
    private NDArray load(SafetensorsFile file, String name, TensorView tensor) {
        String[] range = file.metadata().getOrDefault(name, "").split(" ");
        double scale = Double.parseDouble(range[0]);
        double least = Double.parseDouble(range[1]);
        ByteBuffer bytes = tensor.data();
        float[] values = new float[bytes.remaining()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((bytes.get(i) & 0xff) * scale + least);
        }
        return manager.create(values, new Shape(tensor.shape()));
    }

    @Override
    public String name() {
        return "nsfwjs-mobilenet-v2";
    }

    @Override
    public Verdict judge(BufferedImage picture) {
        float[] probabilities = classify(picture);
        Map<String, Double> scores = new LinkedHashMap<>();
        double nudity = 0;
        for (int i = 0; i < probabilities.length; i++) {
            scores.put(CLASSES.get(i), Math.round(probabilities[i] * 1e4) / 1e4);
            nudity += i == 1 || i == 3 ? probabilities[i] : 0;
        }
        return new Verdict(nudity >= threshold, scores);
    }

    /** Probabilities of {@link #CLASSES}. */
    float[] classify(BufferedImage picture) {
        try (NDManager scope = manager.newSubManager()) {
            NDArray input = scope.create(scaled(picture), new Shape(1, 3, SIDE, SIDE));
            return HostCopy.floats(kernels.one(scope, "nsfw_classify", tensors, input));
        }
    }

    /** Planes in [0, 1], scaled linearly between corners that stay where they are, as the original's resize does. */
    private static float[] scaled(BufferedImage picture) {
        float[] planes = new float[3 * SIDE * SIDE];
        float stepX = (picture.getWidth() - 1f) / (SIDE - 1);
        float stepY = (picture.getHeight() - 1f) / (SIDE - 1);
        for (int y = 0; y < SIDE; y++) {
            int top = (int) Math.floor(y * stepY);
            int bottom = Math.min(picture.getHeight() - 1, (int) Math.ceil(y * stepY));
            float down = y * stepY - top;
            for (int x = 0; x < SIDE; x++) {
                int left = (int) Math.floor(x * stepX);
                int right = Math.min(picture.getWidth() - 1, (int) Math.ceil(x * stepX));
                float across = x * stepX - left;
                for (int shift = 16; shift >= 0; shift -= 8) {
                    float above = mixed(picture, left, right, top, shift, across);
                    float below = mixed(picture, left, right, bottom, shift, across);
                    planes[((16 - shift) / 8 * SIDE + y) * SIDE + x] = above + (below - above) * down;
                }
            }
        }
        return planes;
    }

    private static float mixed(BufferedImage picture, int left, int right, int y, int shift, float across) {
        float first = ((picture.getRGB(left, y) >> shift) & 0xff) / 255f;
        float second = ((picture.getRGB(right, y) >> shift) & 0xff) / 255f;
        return first + (second - first) * across;
    }

    @Override
    public void close() {
        tensors.close();
        manager.close();
    }
}
