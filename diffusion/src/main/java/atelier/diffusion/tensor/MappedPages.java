package atelier.diffusion.tensor;

import com.sun.jna.Native;
import com.sun.jna.NativeLong;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;

/**
 * Gives resident pages of mapped files back once their content has been converted. The mapping stays: a later read
 * brings the pages in again. Without it a model would be held twice, as the file has it and as it is computed with.
 */
public final class MappedPages {
    private static final int MADV_DONTNEED = 4;
    private static final long PAGE = 4096;
    private static final boolean AVAILABLE = register();

    private MappedPages() {}

    private static boolean register() {
        if (!Platform.isLinux()) {
            return false;
        }
        try {
            Native.register(MappedPages.class, Platform.C_LIBRARY_NAME);
            return true;
        } catch (UnsatisfiedLinkError e) {
            // Only memory is lost by it.
            return false;
        }
    }

    private static native int madvise(Pointer address, NativeLong length, int advice);

    /** Releases the pages that lie wholly within a direct buffer over a mapped file. */
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
