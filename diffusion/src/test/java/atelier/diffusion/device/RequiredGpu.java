package atelier.diffusion.device;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import atelier.diffusion.cuda.EngineFault;
import atelier.diffusion.cuda.GpuSearch;

/**
 * The GPU that tests run on. Where none answers they are skipped, unless the build was asked for a GPU ({@code -Pcuda}
 * or {@code -Dgroups=gpu}): then they fail, and say why there is none.
 */
public final class RequiredGpu {
    private RequiredGpu() {}

    /** The cards; does not return where there is none. */
    public static GpuSearch find() {
        String reason;
        try {
            GpuSearch search = GpuSearch.here();
            if (!search.gpus().isEmpty()) {
                return search;
            }
            reason = search.cause() + "; " + search.remedy();
        } catch (RuntimeException | LinkageError e) {
            reason = EngineFault.of(e).map(EngineFault::message).orElse(e.toString());
        }
        String message = "no GPU: " + reason;
        return isAskedFor() ? fail(message) : abort(message);
    }

    private static boolean isAskedFor() {
        return "cuda".equals(System.getProperty("atelier.natives")) || "gpu".equals(System.getProperty("groups"));
    }
}
