package atelier.diffusion;

import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.SafetensorsWriter;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The tiny random model sd1 with nine input channels. */
public final class InpaintingModel {
    private static final int CHANNELS = 9;

    private InpaintingModel() {}

    /** Writes it with a given first convolution. */
    public static Path write(Path folder, TensorView first) throws IOException {
        Path sd1 = Golden.REPOSITORY.resolve("diffusion/src/test/resources/golden/models/sd1");
        try (Stream<Path> files = Files.walk(sd1)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                Path target = folder.resolve(sd1.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
        Path weights = folder.resolve("unet/diffusion_pytorch_model.safetensors");
        Map<String, TensorSource> tensors =
                new TreeMap<>(SafetensorsFile.open(sd1.resolve("unet/diffusion_pytorch_model.safetensors"))
                        .tensors());
        tensors.put("conv_in.weight", first);
        Files.delete(weights);
        SafetensorsWriter.write(weights, tensors, Map.of("format", "pt"));
        Path config = folder.resolve("unet/config.json");
        ObjectMapper json = new ObjectMapper();
        ObjectNode unet = (ObjectNode) json.readTree(config.toFile());
        json.writeValue(config.toFile(), unet.put("in_channels", CHANNELS));
        return folder;
    }
}
