package atelier.datasets.consent;

import atelier.common.work.InternedValues;
import atelier.datasets.consent.embedded.EmbeddedSignals.Said;
import atelier.datasets.consent.key.Names;
import atelier.datasets.consent.ledger.Rule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Listed names that wait to be looked for in what is written about the training set: creators, captions. A list streams
 * past in blocks and each block meets all texts once, so nothing of a text is kept. A block grows with the training set:
 * memory does not grow with the lists, and a listed name costs the same however many pictures there are. Names may come
 * from any thread.
 */
final class CreatorBlock {
    private static final int LEAST = 1 << 12;
    private static final int MOST = 1 << 19;

    private final List<Subject> subjects;
    private final boolean inCaptions;
    private final int capacity;
    private Block waiting = new Block();

    /** A name as the list's normal form has it, and where it stands. */
    private record Listed(String name, SourceFile file, long line) {
        Objection objection(String where) {
            return new Objection(Rule.CREATOR, "'" + name + "' opted out, and " + where, file, line);
        }
    }

    /** @param inCaptions whether names are looked for in captions too */
    CreatorBlock(List<Subject> subjects, boolean inCaptions) {
        this.subjects = subjects;
        this.inCaptions = inCaptions;
        this.capacity = Math.min(MOST, Math.max(LEAST, subjects.size()));
    }

    /** @param name words joined by single spaces, as lists hold them */
    void add(String name, SourceFile file, long line) {
        Block full;
        synchronized (this) {
            waiting.add(new Listed(name, file, line));
            full = waiting.size == capacity ? next() : null;
        }
        // Outside the lock, so that other threads go on gathering.
        if (full != null) {
            compare(full);
        }
    }

    /** Looks for the names that wait. */
    void compare() {
        compare(next());
    }

    /** Takes the names that wait; others gather anew. */
    private synchronized Block next() {
        Block taken = waiting;
        waiting = new Block();
        return taken;
    }

    private void compare(Block block) {
        if (block.size > 0) {
            InternedValues<Said, List<Listed>> makers = new InternedValues<>(block::listed);
            subjects.parallelStream().forEach(subject -> compare(subject, block, makers));
        }
    }

    private void compare(Subject subject, Block block, InternedValues<Said, List<Listed>> makers) {
        for (Said creator : subject.creators()) {
            for (Listed found : makers.of(creator)) {
                subject.object(found.objection(creator.where() + " names '" + creator.text() + "'"));
            }
        }
        if (inCaptions) {
            for (String caption : subject.pair().captions()) {
                for (Listed found : block.listed(caption)) {
                    subject.object(found.objection("the caption names them"));
                }
            }
        }
    }

    /** Names that are looked for together. */
    private static final class Block {
        private final Map<String, List<Listed>> names = new HashMap<>();
        /** How many words the names have that begin with a word. */
        private final Map<String, Set<Integer>> lengths = new HashMap<>();

        private int size;

        void add(Listed listed) {
            String[] words = listed.name().split(" ", -1);
            names.computeIfAbsent(listed.name(), n -> new ArrayList<>(1)).add(listed);
            lengths.computeIfAbsent(words[0], w -> new TreeSet<>()).add(words.length);
            size++;
        }

        List<Listed> listed(Said creator) {
            List<Listed> found = new ArrayList<>();
            Names.orders(creator.text()).forEach(order -> found.addAll(listed(order)));
            return found;
        }

        /** The names that stand in a text, at word borders. */
        List<Listed> listed(String text) {
            List<String> words = Names.words(text);
            List<Listed> found = new ArrayList<>(0);
            for (int from = 0; from < words.size(); from++) {
                for (int length : lengths.getOrDefault(words.get(from), Set.of())) {
                    if (from + length <= words.size()) {
                        String phrase = String.join(" ", words.subList(from, from + length));
                        found.addAll(names.getOrDefault(phrase, List.of()));
                    }
                }
            }
            return found;
        }
    }
}
