package atelier.diffusion.cuda;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The CUDA runtime that libtorch itself has mapped. DJL looks for one of its own, in places where PyTorch's wheels have
 * none, and then counts no GPU at all.
 */
public final class CudaRuntime {
    private static final int CAPABILITY_MAJOR = 75;
    private static final int CAPABILITY_MINOR = 76;
    /** More than cudaDeviceProp has in any version; it begins with the name, 256 bytes. */
    private static final int PROPERTIES = 4096;

    private final NativeLibrary library;

    private CudaRuntime(NativeLibrary library) {
        this.library = library;
    }

    /** The mapped runtime; none before PyTorch is loaded, and none where it is a CPU build. */
    public static Optional<CudaRuntime> mapped() {
        return Mappings.now().runtime().map(path -> new CudaRuntime(NativeLibrary.getInstance(path.toString())));
    }

    /** A count, or why there is none. */
    record Count(int gpus, int error, String message) {}

    Count count() {
        IntByReference gpus = new IntByReference();
        int error = call("cudaGetDeviceCount", gpus);
        return error == 0 ? new Count(gpus.getValue(), 0, "") : new Count(0, error, message(error));
    }

    /** The runtime's version, 12060 for 12.6; it tells which architectures PyTorch's build has kernels for. */
    int version() {
        IntByReference version = new IntByReference();
        return call("cudaRuntimeGetVersion", version) == 0 ? version.getValue() : 0;
    }

    List<Gpu> gpus() {
        List<Gpu> gpus = new ArrayList<>();
        for (int i = 0; i < count().gpus(); i++) {
            MemoryInfo memory = memory(i).orElse(new MemoryInfo(0, 0));
            gpus.add(new Gpu(
                    i,
                    name(i),
                    attribute(CAPABILITY_MAJOR, i),
                    attribute(CAPABILITY_MINOR, i),
                    memory.totalBytes(),
                    memory.freeBytes()));
        }
        return gpus;
    }

    private String name(int gpu) {
        try (Memory properties = new Memory(PROPERTIES)) {
            properties.clear();
            // CUDA 12 has both, and the plain one fills an older structure; 13 has the plain one alone.
            String name = has("cudaGetDeviceProperties_v2") ? "cudaGetDeviceProperties_v2" : "cudaGetDeviceProperties";
            return call(name, properties, gpu) == 0 ? properties.getString(0, "UTF-8") : "unknown";
        }
    }

    private int attribute(int attribute, int gpu) {
        IntByReference value = new IntByReference();
        return call("cudaDeviceGetAttribute", value, attribute, gpu) == 0 ? value.getValue() : 0;
    }

    /** A card's memory in bytes. */
    public record MemoryInfo(long freeBytes, long totalBytes) {
        /** What all processes hold of it together. */
        public long usedBytes() {
            return totalBytes - freeBytes;
        }
    }

    /** A card's memory now; makes the process's context on the card where it has none yet. */
    public Optional<MemoryInfo> memory(int gpu) {
        IntByReference current = new IntByReference();
        if (call("cudaGetDevice", current) == 0 && current.getValue() == gpu) {
            return currentMemory();
        }
        // The current device is a thread's: one that ends leaves this thread's alone.
        List<MemoryInfo> found = new ArrayList<>();
        Thread thread = new Thread(
                () -> {
                    if (call("cudaSetDevice", gpu) == 0) {
                        currentMemory().ifPresent(found::add);
                    }
                },
                "gpu-memory");
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
        return found.stream().findFirst();
    }

    private Optional<MemoryInfo> currentMemory() {
        LongByReference free = new LongByReference();
        LongByReference total = new LongByReference();
        return call("cudaMemGetInfo", free, total) == 0
                ? Optional.of(new MemoryInfo(free.getValue(), total.getValue()))
                : Optional.empty();
    }

    private String message(int error) {
        return library.getFunction("cudaGetErrorString").invokeString(new Object[] {error}, false);
    }

    private boolean has(String function) {
        try {
            return library.getFunction(function) != null;
        } catch (UnsatisfiedLinkError e) {
            return false;
        }
    }

    private int call(String name, Object... arguments) {
        Function function = library.getFunction(name);
        return function.invokeInt(arguments);
    }
}
