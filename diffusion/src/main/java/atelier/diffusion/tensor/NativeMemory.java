package atelier.diffusion.tensor;

import ai.djl.Device;
import ai.djl.pytorch.jni.JniUtils;
import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.util.function.Supplier;

/**
 * Gives memory back to the system that nobody needs now: resident pages of mapped files whose content has been
 * converted, and what the allocator keeps of what was freed. Only Linux is asked; elsewhere memory is all that is lost.
 */
public final class NativeMemory {
    private static final int MADV_DONTNEED = 4;
    private static final int M_MMAP_THRESHOLD = -3;
    private static final long PAGE = 4096;
    private static final boolean AVAILABLE = register();
    /** From how many bytes on the environment gives arrays pages of their own; 0 where it says nothing. */
    private static final int USUAL_OWN_PAGES = usualOwnPages();

    private NativeMemory() {}

    private static boolean register() {
        if (!Platform.isLinux()) {
            return false;
        }
        try {
            Native.register(NativeMemory.class, Platform.C_LIBRARY_NAME);
            return true;
        } catch (UnsatisfiedLinkError e) {
            // Another C library than glibc.
            return false;
        }
    }

    private static int usualOwnPages() {
        String given = System.getenv("MALLOC_MMAP_THRESHOLD_");
        return given != null && given.matches("\\d{1,9}") ? Integer.parseInt(given) : 0;
    }

    private static native int madvise(Pointer address, NativeLong length, int advice);

    private static native int malloc_trim(NativeLong pad);

    private static native int mallopt(int parameter, int value);

    /**
     * Returns freed memory. The allocator is set to keep it, since page faults would dominate small kernels: this is for
     * the moment between loading and working.
     */
    public static void trim() {
        if (AVAILABLE) {
            malloc_trim(new NativeLong(0));
        }
    }

    /** As {@link #trim}, and returns what a GPU's allocator keeps for arrays to come. */
    public static void trim(Device device) {
        trim();
        if (device.isGpu()) {
            JniUtils.emptyCudaCache();
        }
    }

    /**
     * Does some work whose arrays of at least {@code bytes} have pages of their own, gone as soon as an array is freed:
     * slower by the pages' faults, but nothing is held for want of a gap that fits. Holds for all threads meanwhile. Where
     * the environment says nothing of such a limit, the allocator's own way is left alone.
     */
    public static <T> T withOwnPages(int bytes, Supplier<T> work) {
        if (!AVAILABLE || USUAL_OWN_PAGES == 0) {
            return work.get();
        }
        mallopt(M_MMAP_THRESHOLD, bytes);
        try {
            return work.get();
        } finally {
            mallopt(M_MMAP_THRESHOLD, USUAL_OWN_PAGES);
        }
    }

    /**
     * Releases the pages that lie wholly within a direct buffer over a mapped file. The mapping stays: a later read brings
     * them in again.
     */
    public static void release(ByteBuffer mapped) {
        if (!AVAILABLE || !mapped.isDirect() || !mapped.isReadOnly()) {
            return;
        }
        long start = Pointer.nativeValue(Native.getDirectBufferPointer(mapped)) + mapped.position();
        long first = (start + PAGE - 1) / PAGE * PAGE;
        long last = (start + mapped.remaining()) / PAGE * PAGE;
        if (last > first) {
            madvise(new Pointer(first), new NativeLong(last - first), MADV_DONTNEED);
        }
    }
}
