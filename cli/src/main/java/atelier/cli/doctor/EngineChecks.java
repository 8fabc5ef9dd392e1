package atelier.cli.doctor;

import atelier.diffusion.cuda.EngineFault;
import atelier.diffusion.cuda.GpuSearch;
import atelier.diffusion.tensor.TorchEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Looks at the native libraries: which were taken and by which rule, whether they load, and which GPUs answer. */
public final class EngineChecks {
    private static final String PROPERTIES = "set it, or start by scripts/atelier, which does";

    private EngineChecks() {}

    public static List<Check> all() {
        List<Check> checks = new ArrayList<>();
        checks.add(natives(System.getenv(), GpuSearch.nativesOnClassPath().orElse(null)));
        try {
            GpuSearch search = GpuSearch.here();
            String folder =
                    GpuSearch.torchFolder().map(path -> ", from " + path).orElse("");
            checks.add(Check.good("PyTorch", TorchEngine.load().getVersion() + ", " + build(search) + folder));
            checks.addAll(GpuChecks.all(search));
        } catch (RuntimeException | LinkageError e) {
            checks.add(broken(e));
            checks.addAll(GpuChecks.driver());
        }
        return checks;
    }

    /**
     * Which libraries DJL takes.
     *
     * @param environment the process's variables; ATELIER_TORCH_RULE is how the launcher chose
     * @param jar the natives on the class path; null for none
     */
    static Check natives(Map<String, String> environment, @Nullable String jar) {
        String path = value(environment, "PYTORCH_LIBRARY_PATH");
        if (path != null) {
            String rule = value(environment, "ATELIER_TORCH_RULE");
            String fact = "PYTORCH_LIBRARY_PATH=" + path + (rule == null ? "" : " (" + rule + ")");
            for (String name : List.of("PYTORCH_VERSION", "PYTORCH_FLAVOR")) {
                if (value(environment, name) == null) {
                    return Check.weak("Natives", fact + ", without " + name, PROPERTIES);
                }
            }
            return Check.good("Natives", fact);
        }
        return jar != null
                ? Check.good("Natives", jar)
                : Check.weak(
                        "Natives",
                        "none on the class path: DJL downloads PyTorch's CUDA libraries at first start",
                        "to install them with pip instead run " + GpuSearch.SET_UP
                                + "; for the CPU set ATELIER_PROFILE=cpu");
    }

    private static @Nullable String value(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name))
                .or(() -> Optional.ofNullable(System.getProperty(name)))
                .orElse(null);
    }

    private static String build(GpuSearch search) {
        int version = search.runtimeVersion();
        return version == 0 ? "a CPU build" : "built for CUDA " + GpuChecks.cuda(version);
    }

    static Check broken(Throwable thrown) {
        EngineFault fault = EngineFault.of(thrown)
                .orElseGet(() -> new EngineFault(
                        String.valueOf(thrown.getMessage()).lines().findFirst().orElse(""),
                        "run " + GpuSearch.SET_UP + " for a GPU, or set ATELIER_PROFILE=cpu"));
        return Check.bad("PyTorch", "does not load: " + fault.cause(), fault.remedy());
    }
}
