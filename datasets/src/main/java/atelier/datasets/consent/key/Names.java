package atelier.datasets.consent.key;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Names of people in one form, as words. The text is normalised to NFKC, invisible characters are dropped, letter case
 * is folded (lower, upper, lower case; final sigma as sigma), and the result is cut into runs of letters, digits and marks.
 * Scripts that put no space between words, or glue particles to names (Han, Kana, Hangul, Thai, Lao, Khmer, Myanmar,
 * Tibetan, Yi), give one word a character, so that a name is found inside running text.
 */
public final class Names {
    private Names() {}

    /** The words of a text in order; a text of signs alone is one word. Empty for a blank text. */
    public static List<String> words(String text) {
        String folded = fold(text);
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < folded.length(); ) {
            int c = folded.codePointAt(i);
            i += Character.charCount(c);
            boolean mark = isMark(c);
            boolean unspaced = !mark && isUnspaced(c);
            if (unspaced || !(mark || Character.isLetterOrDigit(c))) {
                flush(word, words);
            }
            if (unspaced) {
                words.add(Character.toString(c));
            } else if (mark || Character.isLetterOrDigit(c)) {
                word.appendCodePoint(c);
            }
        }
        flush(word, words);
        if (words.isEmpty() && !folded.isBlank()) {
            words.add(folded.strip());
        }
        return words;
    }

    /** The words joined by single spaces: equal for equal names. */
    public static String key(String text) {
        return String.join(" ", words(text));
    }

    /** Whether {@code phrase} stands in {@code text}, both as words, at word borders. */
    public static boolean contains(List<String> text, List<String> phrase) {
        if (phrase.isEmpty()) {
            return false;
        }
        for (int at = 0; at + phrase.size() <= text.size(); at++) {
            if (text.subList(at, at + phrase.size()).equals(phrase)) {
                return true;
            }
        }
        return false;
    }

    /** A name given as {@code Family, Given} also in the order {@code Given Family}; otherwise as it is. */
    public static List<String> orders(String name) {
        int comma = name.indexOf(',');
        if (comma < 0 || comma != name.lastIndexOf(',')) {
            return List.of(name);
        }
        return List.of(
                name,
                name.substring(comma + 1).strip() + " "
                        + name.substring(0, comma).strip());
    }

    static String fold(String text) {
        // ASCII is in its normal form and holds nothing invisible; most captions are ASCII.
        return text.chars().allMatch(c -> c < 0x80) ? text.toLowerCase(Locale.ROOT) : foldUnicode(text);
    }

    static String foldUnicode(String text) {
        StringBuilder visible = new StringBuilder(text.length());
        Normalizer.normalize(text, Normalizer.Form.NFKC)
                .codePoints()
                .filter(c -> !ignorable(c))
                .forEach(visible::appendCodePoint);
        String folded = visible.toString()
                .toLowerCase(Locale.ROOT)
                .toUpperCase(Locale.ROOT)
                .toLowerCase(Locale.ROOT)
                .replace('\u03c2', '\u03c3');
        return Normalizer.normalize(folded, Normalizer.Form.NFKC);
    }

    private static void flush(StringBuilder word, List<String> words) {
        if (!word.isEmpty()) {
            words.add(word.toString());
            word.setLength(0);
        }
    }

    private static boolean isMark(int c) {
        int type = Character.getType(c);
        return type == Character.NON_SPACING_MARK
                || type == Character.COMBINING_SPACING_MARK
                || type == Character.ENCLOSING_MARK;
    }

    private static boolean isUnspaced(int c) {
        if (c < 0x0E00 || !Character.isLetter(c)) {
            return false;
        }
        return switch (Character.UnicodeScript.of(c)) {
            case HAN, HANGUL, HIRAGANA, KATAKANA, THAI, LAO, KHMER, MYANMAR, TIBETAN, BOPOMOFO, YI -> true;
            default -> false;
        };
    }

    /** Format characters (zero-width joiners, soft hyphens, direction marks) and variation selectors. */
    private static boolean ignorable(int c) {
        return Character.getType(c) == Character.FORMAT
                || (c >= 0xFE00 && c <= 0xFE0F)
                || (c >= 0xE0100 && c <= 0xE01EF);
    }
}
