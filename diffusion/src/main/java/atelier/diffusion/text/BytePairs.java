package atelier.diffusion.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Byte-pair encoding: a word's bytes, written as printable characters, are joined pair by pair, the most urgent merge
 * first, until no listed pair is left.
 */
final class BytePairs {
    static final String WORD_END = "</w>";

    private static final char[] CHARACTER_OF_BYTE = characters();
    /** Captions repeat their words; beyond this many the memory is worth more. */
    private static final int REMEMBERED = 20_000;

    private final Map<String, Integer> ranks = new HashMap<>();
    private final Map<String, List<String>> known = new ConcurrentHashMap<>();

    /** @param merges pairs {@code "a b"}, most urgent first */
    BytePairs(List<String> merges) {
        for (int rank = 0; rank < merges.size(); rank++) {
            ranks.put(merges.get(rank), rank);
        }
    }

    /** A word's symbols; the last one ends in {@code </w>}. */
    List<String> split(String word) {
        List<String> before = known.get(word);
        if (before != null) {
            return before;
        }
        List<String> symbols = List.copyOf(merge(symbols(word)));
        if (known.size() < REMEMBERED) {
            known.put(word, symbols);
        }
        return symbols;
    }

    private static List<String> symbols(String word) {
        List<String> symbols = new ArrayList<>();
        for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
            symbols.add(String.valueOf(CHARACTER_OF_BYTE[b & 0xff]));
        }
        int last = symbols.size() - 1;
        symbols.set(last, symbols.get(last) + WORD_END);
        return symbols;
    }

    private List<String> merge(List<String> symbols) {
        List<String> current = symbols;
        while (current.size() > 1) {
            int best = Integer.MAX_VALUE;
            int place = -1;
            for (int i = 0; i + 1 < current.size(); i++) {
                int rank = ranks.getOrDefault(current.get(i) + " " + current.get(i + 1), Integer.MAX_VALUE);
                if (rank < best) {
                    best = rank;
                    place = i;
                }
            }
            if (place < 0) {
                break;
            }
            current = join(current, current.get(place), current.get(place + 1));
        }
        return current;
    }

    /** Joins every occurrence of a pair, from the left. */
    private static List<String> join(List<String> symbols, String first, String second) {
        List<String> joined = new ArrayList<>(symbols.size());
        for (int i = 0; i < symbols.size(); i++) {
            boolean here = i + 1 < symbols.size()
                    && symbols.get(i).equals(first)
                    && symbols.get(i + 1).equals(second);
            joined.add(here ? first + second : symbols.get(i));
            if (here) {
                i++;
            }
        }
        return joined;
    }

    /** Printable Latin-1 bytes stand for themselves, all others for the characters from U+0100 on, in order. */
    private static char[] characters() {
        char[] characters = new char[256];
        char next = 0x100;
        for (int b = 0; b < 256; b++) {
            boolean printable = b >= '!' && b <= '~' || b >= 0xa1 && b <= 0xac || b >= 0xae;
            characters[b] = printable ? (char) b : next++;
        }
        return characters;
    }

    /** The 512 symbols of single bytes, without and with the word's end, in the order in which CLIP numbers them. */
    static List<String> singles() {
        List<Character> order = new ArrayList<>();
        for (int pass = 0; pass < 2; pass++) {
            for (int b = 0; b < 256; b++) {
                if (CHARACTER_OF_BYTE[b] < 0x100 == (pass == 0)) {
                    order.add(CHARACTER_OF_BYTE[b]);
                }
            }
        }
        List<String> singles = new ArrayList<>();
        order.forEach(c -> singles.add(String.valueOf(c)));
        order.forEach(c -> singles.add(c + WORD_END));
        return singles;
    }
}
