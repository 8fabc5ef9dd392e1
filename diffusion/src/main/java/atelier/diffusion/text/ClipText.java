package atelier.diffusion.text;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.PrimitiveIterator;

/**
 * A text's words as CLIP's tokenizer sees them: control characters dropped, spaces unified, ideographs set apart, NFC,
 * lower case; then runs of letters, single digits, runs of anything else, and English contractions.
 */
final class ClipText {
    static final String BEGINNING = "<|startoftext|>";
    static final String END = "<|endoftext|>";

    /** Tried in this order where a word may begin. */
    private static final List<String> FIXED = List.of(BEGINNING, END, "'s", "'t", "'re", "'ve", "'m", "'ll", "'d");

    private static final int LONG_S = 0x17f;
    private static final int REPLACEMENT = 0xfffd;

    private ClipText() {}

    static List<String> words(String text) {
        String cleaned = Normalizer.normalize(cleaned(text), Normalizer.Form.NFC);
        List<String> words = new ArrayList<>();
        for (String piece : cleaned.split(" ")) {
            if (!piece.isEmpty()) {
                scan(LowerCase.of(piece).codePoints().toArray(), words);
            }
        }
        return words;
    }

    private static String cleaned(String text) {
        StringBuilder out = new StringBuilder(text.length() + 8);
        PrimitiveIterator.OfInt points = text.codePoints().iterator();
        while (points.hasNext()) {
            int point = points.nextInt();
            CharacterClass kind = CharacterClass.of(point);
            if (kind == CharacterClass.CONTROL || point == REPLACEMENT) {
                continue;
            }
            if (kind == CharacterClass.SPACE) {
                out.append(' ');
            } else if (isIdeograph(point)) {
                out.append(' ').appendCodePoint(point).append(' ');
            } else {
                out.appendCodePoint(point);
            }
        }
        return out.toString();
    }

    /** The blocks of CJK ideographs that BERT's cleaning, which transformers applies here, sets apart. */
    private static boolean isIdeograph(int point) {
        return point >= 0x4e00 && point <= 0x9fff
                || point >= 0x3400 && point <= 0x4dbf
                || point >= 0x20000 && point <= 0x2a6df
                || point >= 0x2a700 && point <= 0x2b73f
                || point >= 0x2b740 && point <= 0x2b81f
                || point >= 0x2b820 && point <= 0x2ceaf
                || point >= 0xf900 && point <= 0xfaff
                || point >= 0x2f800 && point <= 0x2fa1f;
    }

    private static void scan(int[] points, List<String> words) {
        int at = 0;
        while (at < points.length) {
            int length = fixedLength(points, at);
            if (length == 0) {
                CharacterClass kind = CharacterClass.of(points[at]).ofWord();
                if (kind == CharacterClass.NONE) {
                    at++;
                    continue;
                }
                length = 1;
                while (kind != CharacterClass.NUMBER
                        && at + length < points.length
                        && CharacterClass.of(points[at + length]).ofWord() == kind) {
                    length++;
                }
            }
            words.add(new String(points, at, length));
            at += length;
        }
    }

    private static int fixedLength(int[] points, int at) {
        for (String fixed : FIXED) {
            if (matches(points, at, fixed)) {
                return fixed.length();
            }
        }
        return 0;
    }

    /** Case is ignored as Unicode's simple folding has it, under which a long s is an s. */
    private static boolean matches(int[] points, int at, String fixed) {
        if (at + fixed.length() > points.length) {
            return false;
        }
        for (int i = 0; i < fixed.length(); i++) {
            int point = points[at + i] == LONG_S ? 's' : points[at + i];
            if (point != fixed.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
