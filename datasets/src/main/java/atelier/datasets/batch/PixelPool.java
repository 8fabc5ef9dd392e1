package atelier.datasets.batch;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Pixel arrays in use again: a batch of large pictures is tens of megabytes, too much to allocate at each step. */
final class PixelPool {
    private static final int KEPT = 64;

    private final Deque<float[]> free = new ArrayDeque<>();

    synchronized float[] take(int length) {
        for (float[] array : free) {
            if (array.length == length) {
                free.removeFirstOccurrence(array);
                return array;
            }
        }
        return new float[length];
    }

    synchronized void give(float @Nullable [] array) {
        if (array != null) {
            free.addFirst(array);
            if (free.size() > KEPT) {
                free.removeLast();
            }
        }
    }
}
