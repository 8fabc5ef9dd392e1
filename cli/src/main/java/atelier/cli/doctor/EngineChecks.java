package atelier.cli.doctor;

import ai.djl.engine.Engine;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Looks at the native libraries: which are found, whether they load, and whether a GPU answers. */
public final class EngineChecks {
    private EngineChecks() {}

    public static List<Check> all() {
        List<Check> checks = new ArrayList<>();
        checks.add(natives());
        String gpu = gpu();
        try {
            Engine engine = Engine.getEngine("PyTorch");
            int gpus = engine.getGpuCount();
            checks.add(Check.good("PyTorch", engine.getVersion() + ", " + gpus + " GPU" + (gpus == 1 ? "" : "s")));
            checks.add(gpu(gpu, gpus));
        } catch (RuntimeException | LinkageError e) {
            checks.add(Check.bad(
                    "PyTorch",
                    "does not load: " + e.getMessage(),
                    "run scripts/atelier once with the network, or set PYTORCH_LIBRARY_PATH to a libtorch 2.7.1"));
        }
        return checks;
    }

    private static Check natives() {
        String path = System.getenv("PYTORCH_LIBRARY_PATH");
        if (path != null) {
            return Check.good("Natives", "PYTORCH_LIBRARY_PATH=" + path);
        }
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> new File(entry).getName())
                .filter(name -> name.startsWith("pytorch-native"))
                .findFirst()
                .map(name -> Check.good("Natives", name))
                .orElseGet(() -> Check.weak(
                        "Natives",
                        "none on the class path: DJL fetches those that fit the GPU at first start",
                        "without a network set PYTORCH_LIBRARY_PATH, or build the CPU profile: ATELIER_PROFILE=cpu"));
    }

    static Check gpu(@Nullable String found, int usable) {
        if (found == null) {
            return Check.good("GPU", "none; device=auto takes the CPU");
        }
        return usable > 0
                ? Check.good("GPU", found)
                : Check.weak("GPU", found + ", but PyTorch sees none", "build the CUDA profile: ATELIER_PROFILE=cuda");
    }

    private static @Nullable String gpu() {
        try {
            Process process = new ProcessBuilder(
                            "nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader")
                    .redirectErrorStream(true)
                    .start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            boolean answered = process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
            return answered ? String.join("; ", text.split("\n")) : null;
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }
}
