package atelier.diffusion.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tensors that lie side by side in one, so that what is done to all of them is one kernel on a GPU. Each begins at a
 * multiple of {@link #ALIGNMENT} values; between them are zeros.
 */
public final class FlatBuffer {
    /** Values: matrix products want 16 bytes, and 8-bit optimisers keep one magnitude for each 256 values. */
    public static final int ALIGNMENT = 256;

    private final Kernels kernels;
    private final NDArray whole;
    private final List<NDArray> tensors;
    private final List<Long> places;
    private final IdentityHashMap<NDArray, Integer> order = new IdentityHashMap<>();

    private FlatBuffer(Kernels kernels, NDArray whole, List<NDArray> tensors, List<Long> places) {
        this.kernels = kernels;
        this.whole = whole;
        this.tensors = List.copyOf(tensors);
        this.places = List.copyOf(places);
        for (int i = 0; i < tensors.size(); i++) {
            order.put(tensors.get(i), i);
        }
    }

    /**
     * Moves tensors into one. Their handles stay theirs, and so do their values.
     *
     * @param manager owns the whole
     * @param tensors at least one, all fp32
     */
    public static FlatBuffer of(Kernels kernels, NDManager manager, List<NDArray> tensors) {
        List<Long> places = places(tensors);
        NDArray whole = kernels.one(manager, "zeros_flat", length(tensors), Precision.FP32.code(), tensors.get(0));
        kernels.run("lay_into", new NDList(tensors), whole, numbers(places));
        return new FlatBuffer(kernels, whole, tensors, places);
    }

    /**
     * Zeros laid out as this is, with a view in the shape of each tensor.
     *
     * @param manager owns the whole and the views
     */
    public FlatBuffer zerosLike(NDManager manager, Precision precision) {
        NDArray other = kernels.one(manager, "zeros_flat", whole.size(), precision.code(), whole);
        List<NDArray> views = new ArrayList<>();
        for (int i = 0; i < tensors.size(); i++) {
            views.add(kernels.one(manager, "view_like", other, places.get(i), tensors.get(i)));
        }
        return new FlatBuffer(kernels, other, views, places);
    }

    private static List<Long> places(List<NDArray> tensors) {
        List<Long> places = new ArrayList<>();
        long at = 0;
        for (NDArray tensor : tensors) {
            places.add(at);
            at += aligned(tensor.size());
        }
        return places;
    }

    private static long length(List<NDArray> tensors) {
        return tensors.stream().mapToLong(tensor -> aligned(tensor.size())).sum();
    }

    /** The room that a tensor of so many values takes. */
    public static long aligned(long values) {
        return (values + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    private static long[] numbers(List<Long> places) {
        return places.stream().mapToLong(Long::longValue).toArray();
    }

    /** All values, [n]. */
    public NDArray whole() {
        return whole;
    }

    /** The tensors in the order in which they lie. */
    public List<NDArray> tensors() {
        return tensors;
    }

    /**
     * A tensor's place among {@link #tensors}.
     *
     * @throws IllegalArgumentException if it is none of them
     */
    public int indexOf(NDArray tensor) {
        Integer index = order.get(tensor);
        if (index == null) {
            throw new IllegalArgumentException("the tensor of shape " + tensor.getShape() + " lies elsewhere");
        }
        return index;
    }

    /** Whether a tensor lies in this buffer. */
    public boolean contains(NDArray tensor) {
        return order.containsKey(tensor);
    }

    /**
     * A view of the values from the first of some tensors to the last, [n], where these lie side by side in this order.
     *
     * @param manager owns the view
     * @return null where they do not
     */
    public @Nullable NDArray run(NDManager manager, List<NDArray> some) {
        Integer first = some.isEmpty() ? null : order.get(some.get(0));
        if (first == null) {
            return null;
        }
        for (int i = 0; i < some.size(); i++) {
            if (!Integer.valueOf(first + i).equals(order.get(some.get(i)))) {
                return null;
            }
        }
        long start = places.get(first);
        int last = first + some.size() - 1;
        long end = last + 1 < places.size() ? places.get(last + 1) : whole.size();
        return kernels.one(manager, "view_of", whole, start, new long[] {end - start});
    }

    /**
     * One matrix over tensors of as many columns each, where they lie side by side without a gap.
     *
     * @param manager owns the view
     * @return [all rows, columns]; null where they do not
     */
    public @Nullable NDArray stacked(NDManager manager, List<NDArray> some) {
        long columns = some.get(0).getShape().get(1);
        long rows = 0;
        for (NDArray tensor : some) {
            if (tensor.getShape().dimension() != 2
                    || tensor.getShape().get(1) != columns
                    || tensor.size() % ALIGNMENT != 0) {
                return null;
            }
            rows += tensor.getShape().get(0);
        }
        NDArray run = run(manager, some);
        if (run == null) {
            return null;
        }
        try (run) {
            return kernels.one(manager, "view_of", run, 0, new long[] {rows, columns});
        }
    }
}
