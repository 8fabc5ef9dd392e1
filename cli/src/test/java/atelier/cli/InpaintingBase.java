package atelier.cli;

import atelier.diffusion.noise.TorchRandom;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.SafetensorsWriter;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The tiny random model sd1 with nine input channels, whose first convolution is random too. */
final class InpaintingBase {
    private static final String WEIGHTS = "unet/diffusion_pytorch_model.safetensors";

    private InpaintingBase() {}

    static Path write(Path folder) throws IOException {
        Path sd1 = RunFolder.model("sd1");
        try (Stream<Path> files = Files.walk(sd1)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                Path target = folder.resolve(sd1.relativize(file).toString());
                Files.createDirectories(target.getParent());
                if (!target.endsWith(WEIGHTS)) {
                    Files.copy(file, target);
                }
            }
        }
        Map<String, TensorSource> tensors =
                new TreeMap<>(SafetensorsFile.open(sd1.resolve(WEIGHTS)).tensors());
        long[] shape = tensors.get("conv_in.weight").shape();
        shape[1] = 9;
        float[] values = new TorchRandom(3).normal((int) (shape[0] * 9 * shape[2] * shape[3]));
        for (int i = 0; i < values.length; i++) {
            values[i] *= 0.1f;
        }
        tensors.put("conv_in.weight", TensorView.ofFloats(values, shape));
        SafetensorsWriter.write(folder.resolve(WEIGHTS), tensors, Map.of("format", "pt"));
        Path config = folder.resolve("unet/config.json");
        Files.writeString(config, Files.readString(config).replaceFirst("\"in_channels\": 4", "\"in_channels\": 9"));
        return folder;
    }
}
