package atelier.inference.sampler.noise;

import atelier.diffusion.noise.TorchRandom;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One Brownian path, the same wherever and in whatever order it is asked: a tree that halves the interval again and again,
 * each half drawn as a Brownian bridge from a stream of its own. It grows as torchsde's BrownianInterval with halfway_tree,
 * tolerance 1e-6 and pool size 24 does, on which k-diffusion's and diffusers' SDE samplers stand.
 */
public final class BrownianPath {
    private static final int DIGITS = 6;
    private static final int POOL = 24;
    private static final int CACHED = 48;

    private final long seed;
    private final int elements;
    private final float[] whole;
    private final Node root;
    private final Map<Node, float[]> cache = new LinkedHashMap<>(CACHED, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Node, float[]> eldest) {
            return size() > CACHED;
        }
    };

    public BrownianPath(long seed, int elements, double start, double end) {
        this.seed = seed;
        this.elements = elements;
        root = new Node(round(start), round(end), null, false);
        float scale = (float) Math.sqrt(end - start);
        whole = new TorchRandom(new SeedSequence(seed, new long[0], POOL).state(1)[0]).normal(elements);
        for (int i = 0; i < elements; i++) {
            whole[i] *= scale;
        }
    }

    /** The path's increment from {@code from} to {@code to}, where from is less than to. */
    public float[] increment(double from, double to) {
        List<Node> parts = new ArrayList<>();
        double start = Math.max(from, root.start);
        double end = Math.min(to, root.end);
        if (start >= end) {
            return new float[elements];
        }
        collect(root, round(start), round(end), parts);
        float[] sum = increment(parts.get(0)).clone();
        for (Node part : parts.subList(1, parts.size())) {
            float[] increment = increment(part);
            for (int i = 0; i < elements; i++) {
                sum[i] += increment[i];
            }
        }
        return sum;
    }

    /** The fewest nodes that make up the interval, left to right; nodes are made as needed. */
    private static void collect(Node node, double from, double to, List<Node> parts) {
        if (from >= to) {
            return;
        }
        if (from == node.start && to == node.end) {
            parts.add(node);
            return;
        }
        Halves halves = node.halves();
        collect(halves.left(), from, Math.min(to, halves.left().end), parts);
        collect(halves.right(), Math.max(from, halves.right().start), to, parts);
    }

    private float[] increment(Node node) {
        Node parent = node.parent;
        if (parent == null) {
            return whole;
        }
        float[] cached = cache.get(node);
        if (cached != null) {
            return cached;
        }
        float[] across = increment(parent);
        double middle = parent.halves().left().end;
        double left = middle - parent.start;
        double right = parent.end - middle;
        double inverse = 1 / (parent.end - parent.start);
        float deviation = (float) Math.sqrt(left * right * inverse);
        float[] noise = new TorchRandom(streamSeed(parent)).normal(elements);
        float[] increment = new float[elements];
        for (int i = 0; i < elements; i++) {
            float leftPart = (float) left * across[i] * (float) inverse + deviation * noise[i];
            increment[i] = node.isLeft ? leftPart : across[i] - leftPart;
        }
        cache.put(node, increment);
        return increment;
    }

    private long streamSeed(Node node) {
        return new SeedSequence(seed, new long[] {node.spawnKey, node.depth}, POOL).state(1)[0];
    }

    private static double round(double value) {
        return new BigDecimal(value).setScale(DIGITS, RoundingMode.HALF_EVEN).doubleValue();
    }

    private record Halves(Node left, Node right) {}

    private static final class Node {
        private final double start;
        private final double end;
        private final @Nullable Node parent;
        private final boolean isLeft;
        private final long spawnKey;
        private final int depth;
        private @Nullable Halves halves;

        Node(double start, double end, @Nullable Node parent, boolean isLeft) {
            this.start = start;
            this.end = end;
            this.parent = parent;
            this.isLeft = isLeft;
            spawnKey = parent == null ? 0 : 2 * parent.spawnKey + (isLeft ? 0 : 1);
            depth = parent == null ? 0 : parent.depth + 1;
        }

        Halves halves() {
            Halves made = halves;
            if (made == null) {
                double middle = round(0.5 * (end + start));
                made = new Halves(new Node(start, middle, this, true), new Node(middle, end, this, false));
                halves = made;
            }
            return made;
        }
    }
}
