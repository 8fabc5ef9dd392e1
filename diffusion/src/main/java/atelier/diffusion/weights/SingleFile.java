package atelier.diffusion.weights;

import java.io.IOException;
import java.nio.file.Path;

final class SingleFile {
    private SingleFile() {}

    static Checkpoint open(Path file) throws IOException {
        throw new WeightsException(SafetensorsFile.open(file).path() + ": single files are not read yet");
    }
}
