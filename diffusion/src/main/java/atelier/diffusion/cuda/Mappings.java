package atelier.diffusion.cuda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The native libraries that this process has mapped, by {@code /proc/self/maps}. */
final class Mappings {
    private static final Path MAPS = Path.of("/proc/self/maps");
    /** PyTorch's own archives put a hash into the names of libraries that they bring. */
    private static final String RUNTIME = "libcudart(-\\p{Alnum}+)?\\.so[.\\d]*";

    private final List<String> lines;

    Mappings(List<String> lines) {
        this.lines = List.copyOf(lines);
    }

    /** Those of now; none where the system has no such file. */
    static Mappings now() {
        try {
            return new Mappings(Files.readAllLines(MAPS));
        } catch (IOException e) {
            return new Mappings(List.of());
        }
    }

    /** The CUDA runtime that libtorch's calls go to. */
    Optional<Path> runtime() {
        return library(RUNTIME);
    }

    /** Whether libtorch is a CUDA build. */
    boolean hasCudaTorch() {
        return library("libtorch_cuda\\.so").isPresent();
    }

    /** libtorch's folder. */
    Optional<Path> torch() {
        return library("libtorch_cpu\\.so").map(Path::getParent);
    }

    private Optional<Path> library(String name) {
        Pattern pattern = Pattern.compile(name);
        // address, rights, offset, device, inode, path; a path may hold spaces.
        return lines.stream()
                .map(line -> line.split("\\s+", 6))
                .filter(fields -> fields.length == 6 && fields[5].startsWith("/"))
                .map(fields -> Path.of(fields[5]))
                .filter(path -> pattern.matcher(path.getFileName().toString()).matches())
                .findFirst();
    }
}
