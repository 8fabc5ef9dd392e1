package atelier.diffusion.cuda;

import atelier.diffusion.tensor.TorchEngine;
import com.sun.jna.NativeLibrary;
import java.io.File;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which cards PyTorch can compute on, and where there is none, why.
 *
 * @param gpus the cards, by their numbers
 * @param cause the first thing that is missing, in the system's own words; empty where there are cards
 * @param remedy what to do about it; empty where there are cards
 * @param driver the driver and its cards, whatever PyTorch makes of them
 * @param runtimeVersion of the CUDA runtime, 12060 for 12.6; 0 where PyTorch is a CPU build
 */
public record GpuSearch(
        List<Gpu> gpus, String cause, String remedy, Optional<NvidiaDriver> driver, int runtimeVersion) {
    /** The one command that mends most. */
    public static final String SET_UP = "scripts/atelier setup cuda";

    private static final int INSUFFICIENT_DRIVER = 35;
    /** From this CUDA on PyTorch's builds have kernels for 10.0 and 12.0, and none below 7.5. */
    private static final int CUDA_12_8 = 12080;

    public GpuSearch {
        gpus = List.copyOf(gpus);
    }

    /**
     * Looks, and loads PyTorch where it is not loaded yet.
     *
     * @throws RuntimeException or LinkageError as DJL throws it where PyTorch does not load; {@link EngineFault} explains it
     */
    public static GpuSearch here() {
        TorchEngine.load();
        Optional<CudaRuntime> runtime = CudaRuntime.mapped();
        List<Gpu> gpus = runtime.map(CudaRuntime::gpus).orElse(List.of());
        Evidence evidence = new Evidence(
                Mappings.now().hasCudaTorch(),
                System.getProperty("java.class.path").contains("pytorch-native-cpu"),
                runtime.map(CudaRuntime::count).orElse(null),
                gpus.isEmpty() ? driverLibrary() : null,
                System.getenv("CUDA_VISIBLE_DEVICES"));
        return of(
                gpus,
                evidence,
                NvidiaDriver.find(),
                runtime.map(CudaRuntime::version).orElse(0));
    }

    /** libtorch's folder, as mapped; empty before PyTorch is loaded. */
    public static Optional<String> torchFolder() {
        return Mappings.now().torch().map(path -> path.toString());
    }

    /**
     * What the reason follows from.
     *
     * @param cudaTorch whether libtorch is a CUDA build
     * @param cpuJar whether the CPU's natives are on the class path
     * @param count what the runtime counted; null without a runtime
     * @param driverLibrary why libcuda.so.1 does not load, in the loader's words; null where it does
     * @param visible CUDA_VISIBLE_DEVICES; null where it is not set
     */
    record Evidence(
            boolean cudaTorch,
            boolean cpuJar,
            CudaRuntime.@Nullable Count count,
            @Nullable String driverLibrary,
            @Nullable String visible) {}

    static GpuSearch of(List<Gpu> gpus, Evidence evidence, Optional<NvidiaDriver> driver, int runtimeVersion) {
        if (!gpus.isEmpty()) {
            return new GpuSearch(gpus, "", "", driver, runtimeVersion);
        }
        String[] reason = reason(evidence, driver.isPresent());
        return new GpuSearch(gpus, reason[0], reason[1], driver, runtimeVersion);
    }

    private static String[] reason(Evidence evidence, boolean card) {
        if (!evidence.cudaTorch()) {
            return evidence.cpuJar()
                    ? new String[] {"this build has PyTorch's CPU libraries (pytorch-native-cpu)", setUp(card)}
                    : new String[] {"the PyTorch that was loaded is a CPU build", setUp(card)};
        }
        String visible = evidence.visible();
        if (visible != null && (visible.isBlank() || visible.startsWith("-1"))) {
            return new String[] {"CUDA_VISIBLE_DEVICES='" + visible + "' hides every card", "unset CUDA_VISIBLE_DEVICES"
            };
        }
        if (evidence.driverLibrary() != null) {
            return new String[] {evidence.driverLibrary(), EngineFault.DRIVER};
        }
        CudaRuntime.Count count = evidence.count();
        if (count == null) {
            return new String[] {"libtorch has mapped no libcudart", setUp(true)};
        }
        String cause = count.message().isEmpty()
                ? "the CUDA runtime counts no card"
                : "the CUDA runtime says: " + count.message() + " (" + count.error() + ")";
        return new String[] {cause, count.error() == INSUFFICIENT_DRIVER ? EngineFault.NEWER_DRIVER : EngineFault.DRIVER
        };
    }

    private static String setUp(boolean card) {
        return card
                ? "run " + SET_UP
                : "on a machine with an NVIDIA card and driver run " + SET_UP + ", or take device=cpu";
    }

    /** Why a card cannot run this build's kernels: fact and remedy; empty where it can. */
    public Optional<String> noKernelsFor(Gpu gpu) {
        if (runtimeVersion == 0) {
            return Optional.empty();
        }
        boolean recent = runtimeVersion >= CUDA_12_8;
        String build = "this PyTorch is built for CUDA " + runtimeVersion / 1000 + "." + runtimeVersion % 1000 / 10;
        if (!recent && gpu.architecture() >= 100) {
            return Optional.of(
                    build + ", whose kernels end at compute capability 9.0; install torch 2.7.1 from PyTorch's"
                            + " own package index (cu128) and name its folder in ATELIER_TORCH");
        } else if (gpu.architecture() < (recent ? 75 : 50)) {
            return Optional.of(build + ", whose kernels begin at compute capability "
                    + (recent
                            ? "7.5; torch 2.7.1 of PyPI (cu126) begins at 5.0: run " + SET_UP
                            : "5.0; take device=cpu"));
        }
        return Optional.empty();
    }

    private static @Nullable String driverLibrary() {
        try {
            NativeLibrary.getInstance("libcuda.so.1").close();
            return null;
        } catch (UnsatisfiedLinkError e) {
            return Arrays.stream(String.valueOf(e.getMessage()).split("\n"))
                    .map(String::strip)
                    .filter(line -> line.startsWith("libcuda.so.1: "))
                    .findFirst()
                    .orElse("libcuda.so.1 does not load");
        }
    }

    /** Names of the entries on the class path that bring PyTorch's natives. */
    public static Optional<String> nativesOnClassPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(entry -> new File(entry).getName())
                .filter(name -> name.startsWith("pytorch-native"))
                .findFirst();
    }
}
