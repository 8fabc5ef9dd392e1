package atelier.diffusion.tensor;

import ai.djl.engine.Engine;
import com.sun.jna.Native;
import com.sun.jna.Platform;

/**
 * Loads PyTorch so that it shares the machine. OpenMP's threads spin for 3 ms before they sleep, and a thread that they wait
 * for may be set aside by the system because another program runs: each of a step's thousands of waits then takes that
 * long. A short spin costs nothing measurable on a quiet machine (docs/performance.md).
 */
public final class TorchEngine {
    /** Some 30 microseconds. With 100, as libgomp takes where threads outnumber processors, a step took a quarter longer. */
    private static final String SPINS = "3000";

    private TorchEngine() {}

    /** Loads it, unless it is loaded; the first call decides how its threads wait. */
    public static Engine load() {
        // libgomp reads its environment as it is loaded, and Java cannot change its own.
        if (Platform.isLinux() && System.getenv("OMP_WAIT_POLICY") == null) {
            try {
                C.setenv("GOMP_SPINCOUNT", SPINS, 0);
            } catch (UnsatisfiedLinkError e) {
                // Another C library; its threads wait as they do.
            }
        }
        return Engine.getEngine("PyTorch");
    }

    private static final class C {
        static {
            Native.register(C.class, Platform.C_LIBRARY_NAME);
        }

        /** @param overwrite 0 leaves what the user has set */
        static native int setenv(String name, String value, int overwrite);
    }
}
