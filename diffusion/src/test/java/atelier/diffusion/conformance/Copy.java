package atelier.diffusion.conformance;

import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Reads every safetensors file of a folder and writes it again. Arguments are key=value: folder, out. */
public final class Copy {
    private Copy() {}

    public static void main(String[] arguments) throws IOException {
        Map<String, String> options = Options.of(arguments);
        Path folder = Path.of(options.get("folder"));
        try (Stream<Path> all = Files.list(folder)) {
            List<Path> files =
                    all.filter(file -> file.toString().endsWith(".safetensors")).toList();
            for (Path file : files) {
                SafetensorsFile read = SafetensorsFile.open(file);
                SafetensorsWriter.write(
                        Path.of(options.get("out")).resolve(file.getFileName()), read.tensors(), read.metadata());
            }
        }
    }
}
