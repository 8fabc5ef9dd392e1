package atelier.diffusion.text;

/**
 * Unicode 14's full lower case, whose only rule that looks around is the final sigma's (The Unicode Standard, section
 * 3.13, table 3-17). {@link String#toLowerCase()} finds word ends by another rule and differs between Java versions.
 */
final class LowerCase {
    private static final int SIGMA = 0x3a3;
    private static final int DOTTED_I = 0x130;
    /** C cased, I ignorable, O neither; by Unicode 14. */
    private static final CodePointRuns CONTEXT = new CodePointRuns("sigma-context.txt");

    private LowerCase() {}

    static String of(String text) {
        int[] points = text.codePoints().toArray();
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < points.length; i++) {
            switch (points[i]) {
                case SIGMA -> out.append(isFinal(points, i) ? 'ς' : 'σ');
                case DOTTED_I -> out.append("i\u0307");
                default -> out.appendCodePoint(simple(points[i]));
            }
        }
        return out.toString();
    }

    private static int simple(int point) {
        int lower = Character.toLowerCase(point);
        return lower == point ? addedIn14(point) : lower;
    }

    /** Upper-case letters that Unicode 14 added; Java 17 knows 13. */
    private static int addedIn14(int point) {
        return switch (point) {
            case 0xa7c0, 0xa7d0, 0xa7d6, 0xa7d8 -> point + 1;
            case 0x2c2f -> 0x2c5f;
            default -> {
                boolean vithkuqi = point >= 0x10570
                        && point <= 0x10595
                        && point != 0x1057b
                        && point != 0x1058b
                        && point != 0x10593;
                yield vithkuqi ? point + 0x27 : point;
            }
        };
    }

    /** After a cased letter and not before one, whatever ignorable characters lie between. */
    private static boolean isFinal(int[] points, int at) {
        int before = at - 1;
        while (before >= 0 && CONTEXT.at(points[before]) == 'I') {
            before--;
        }
        int after = at + 1;
        while (after < points.length && CONTEXT.at(points[after]) == 'I') {
            after++;
        }
        return before >= 0
                && CONTEXT.at(points[before]) == 'C'
                && (after == points.length || CONTEXT.at(points[after]) != 'C');
    }
}
