package atelier.diffusion.cuda;

import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/**
 * Why PyTorch did not load or did not run, unwound from a chain of exceptions.
 *
 * @param cause the innermost fact, in the words of whoever met it
 * @param remedy what to do about it
 */
public record EngineFault(String cause, String remedy) {
    static final String DRIVER = "install NVIDIA's driver until nvidia-smi answers (in a container: start it with"
            + " --gpus all), or take the CPU: ATELIER_PROFILE=cpu";
    static final String NEWER_DRIVER = "update NVIDIA's driver: CUDA 12 needs 525 or newer";

    /** The loader's words: who asked, what for, what is amiss. */
    private static final Pattern MISSING =
            Pattern.compile("(?:(/[^\\n]*?): )?((lib[^\\s:/]+): cannot open shared object file[^\\n]*)");

    private static final Pattern MISMATCH =
            Pattern.compile("[^\\n]*(undefined symbol|version `[^']+' not found)[^\\n]*");

    /** The error as one line. */
    public String message() {
        return cause + "; " + remedy;
    }

    /** What a thrown fault says of PyTorch's libraries or of CUDA; empty for all others. */
    public static Optional<EngineFault> of(Throwable thrown) {
        List<Throwable> chain = chain(thrown);
        for (int i = chain.size() - 1; i >= 0; i--) {
            Optional<EngineFault> fault = one(chain.get(i), chain);
            if (fault.isPresent()) {
                return fault;
            }
        }
        return Optional.empty();
    }

    /** Whether a fault is a lack of memory, on a card or beside it. */
    public static boolean isOutOfMemory(Throwable thrown) {
        return chain(thrown).stream().anyMatch(each -> each instanceof OutOfMemoryError || lacksMemory(words(each)));
    }

    /** Whether it is the card that lacks memory. */
    public static boolean isOutOfGpuMemory(Throwable thrown) {
        return chain(thrown).stream()
                .map(EngineFault::words)
                .anyMatch(words -> words.contains("cuda out of memory")
                        || words.contains("cuda error: out of memory")
                        || words.contains("cublas_status_alloc_failed")
                        || words.contains("cudnn_status_alloc_failed"));
    }

    private static boolean lacksMemory(String words) {
        return words.contains("out of memory")
                || words.contains("can't allocate memory")
                || words.contains("cublas_status_alloc_failed")
                || words.contains("cudnn_status_alloc_failed");
    }

    private static String words(Throwable thrown) {
        return String.valueOf(thrown.getMessage()).toLowerCase(Locale.ROOT);
    }

    private static Optional<EngineFault> one(Throwable thrown, List<Throwable> chain) {
        String text = String.valueOf(thrown.getMessage());
        boolean engine =
                chain.stream().anyMatch(each -> each.getClass().getName().startsWith("ai.djl."));
        if (thrown instanceof UnsatisfiedLinkError) {
            return Optional.of(unlinked(text));
        } else if (engine && isNetwork(thrown)) {
            return Optional.of(new EngineFault(
                    "PyTorch's libraries are not on this machine, and DJL cannot download them (" + thrown + ")",
                    "run " + GpuSearch.SET_UP + ", which installs them with pip; without any network copy a torch 2.7.1"
                            + " here and name its folder in ATELIER_TORCH"));
        } else if (text.contains("PyTorch jni not found")) {
            return Optional.of(
                    new EngineFault(
                            text,
                            "PYTORCH_FLAVOR must be cu128 for a GPU, whichever CUDA PyTorch is built for, and unset or cpu else"));
        } else if (text.contains("no kernel image is available")) {
            return Optional.of(new EngineFault(
                    "CUDA error: no kernel image is available for this card",
                    "`scripts/atelier doctor` says which cards this PyTorch is built for"));
        } else if (text.contains("driver version is insufficient")) {
            return Optional.of(new EngineFault("CUDA driver version is insufficient", NEWER_DRIVER));
        }
        return Optional.empty();
    }

    private static EngineFault unlinked(String text) {
        Matcher missing = MISSING.matcher(text);
        if (missing.find()) {
            String by = missing.group(1) == null ? "" : " (wanted by " + missing.group(1) + ")";
            boolean driver = missing.group(3).startsWith("libcuda.so")
                    || missing.group(3).startsWith("libnvidia");
            return new EngineFault(
                    missing.group(2) + by, driver ? DRIVER : "PyTorch's folder is incomplete: run " + GpuSearch.SET_UP);
        }
        Matcher mismatch = MISMATCH.matcher(text);
        return mismatch.find()
                ? new EngineFault(
                        mismatch.group().strip(),
                        "the libraries are of another PyTorch than 2.7.1: run " + GpuSearch.SET_UP)
                : new EngineFault(
                        text.lines().findFirst().orElse("a native library does not load"),
                        "`scripts/atelier doctor` says which libraries were taken");
    }

    private static boolean isNetwork(Throwable thrown) {
        return thrown instanceof UnknownHostException
                || thrown instanceof SocketException
                || thrown instanceof SocketTimeoutException
                || thrown instanceof SSLException
                || (thrown instanceof IOException
                        && String.valueOf(thrown.getMessage()).matches("(?s)(Server returned HTTP|https?://).*"));
    }

    private static List<Throwable> chain(Throwable thrown) {
        List<Throwable> chain = new ArrayList<>();
        for (Throwable each = thrown; each != null && !chain.contains(each); each = each.getCause()) {
            chain.add(each);
        }
        return chain;
    }
}
