package atelier.datasets.hash;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Groups pictures that look alike. Two digests that differ in at most 31 of 256 bits agree up to one bit in at least one
 * of 16 slots of 16 bits, so only pictures that share such a slot are compared: exact, and quick for hundreds of thousands.
 */
public final class NearDuplicates {
    private static final int SLOTS = 16;
    private static final int SLOT_BITS = 16;
    private static final int NONE = -1;

    private final List<Pdq> digests;
    private final int distance;
    private final int[] parent;

    private NearDuplicates(List<Pdq> digests, int distance) {
        this.digests = digests;
        this.distance = distance;
        this.parent = new int[digests.size()];
        for (int i = 0; i < parent.length; i++) {
            parent[i] = i;
        }
    }

    /**
     * Groups of two and more, each by index in order, the groups by their first. Pictures too flat to be compared are in
     * none.
     *
     * @param distance the most bits by which two pictures of a pair differ, at most 31
     */
    public static List<List<Integer>> groups(List<Pdq> digests, int distance) {
        if (distance < 0 || distance > Pdq.MATCH) {
            throw new IllegalArgumentException("a distance must lie between 0 and 31, got " + distance);
        }
        NearDuplicates all = new NearDuplicates(digests, distance);
        int[] distinct = all.joinEqual();
        for (int slot = 0; slot < SLOTS; slot++) {
            all.joinBySlot(distinct, slot);
        }
        return all.groups();
    }

    /** Joins pictures with one and the same digest, so that each digest is compared once. */
    private int[] joinEqual() {
        Map<String, Integer> first = new HashMap<>();
        List<Integer> distinct = new ArrayList<>();
        for (int i = 0; i < digests.size(); i++) {
            if (digests.get(i).comparable()) {
                Integer known = first.putIfAbsent(digests.get(i).hex(), i);
                if (known == null) {
                    distinct.add(i);
                } else {
                    join(known, i);
                }
            }
        }
        return distinct.stream().mapToInt(i -> i).toArray();
    }

    private void joinBySlot(int[] distinct, int slot) {
        int[] newest = new int[1 << SLOT_BITS];
        int[] before = new int[distinct.length];
        Arrays.fill(newest, NONE);
        for (int k = 0; k < distinct.length; k++) {
            int value = slot(digests.get(distinct[k]), slot);
            compare(distinct, k, newest[value], before);
            for (int bit = 0; bit < SLOT_BITS; bit++) {
                compare(distinct, k, newest[value ^ 1 << bit], before);
            }
            before[k] = newest[value];
            newest[value] = k;
        }
    }

    private void compare(int[] distinct, int k, int chain, int[] before) {
        Pdq digest = digests.get(distinct[k]);
        for (int other = chain; other != NONE; other = before[other]) {
            if (digest.distance(digests.get(distinct[other])) <= distance) {
                join(distinct[other], distinct[k]);
            }
        }
    }

    private static int slot(Pdq digest, int slot) {
        return (int) (digest.word(slot / 4) >>> SLOT_BITS * (3 - slot % 4)) & 0xFFFF;
    }

    private int root(int i) {
        int root = i;
        while (parent[root] != root) {
            parent[root] = parent[parent[root]];
            root = parent[root];
        }
        return root;
    }

    private void join(int a, int b) {
        int first = root(a);
        int second = root(b);
        parent[Math.max(first, second)] = Math.min(first, second);
    }

    private List<List<Integer>> groups() {
        Map<Integer, List<Integer>> members = new TreeMap<>();
        for (int i = 0; i < parent.length; i++) {
            members.computeIfAbsent(root(i), r -> new ArrayList<>(1)).add(i);
        }
        return members.values().stream()
                .filter(g -> g.size() > 1)
                .map(List::copyOf)
                .toList();
    }
}
