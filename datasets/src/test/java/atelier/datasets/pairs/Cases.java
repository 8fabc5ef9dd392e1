package atelier.datasets.pairs;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Function;

/** Random cases of a test. They are the same in every run; a failure names the seed, the case's number and the case. */
public final class Cases {
    private static final String MARKS = " \t\n\r\0,.;:=/\\'\"()[]{}<>%#?*$&-_~@!";

    private Cases() {}

    /** What must hold for a case. */
    public interface Property<T> {
        void holdsFor(T value) throws Exception;
    }

    /** Draws {@code count} cases and checks each. */
    public static <T> void check(long seed, int count, Function<Random, T> draw, Property<T> property) {
        for (int i = 0; i < count; i++) {
            T value = draw.apply(new Random(seed + i));
            try {
                property.holdsFor(value);
            } catch (Exception | AssertionError | StackOverflowError e) {
                throw new AssertionError("seed " + (seed + i) + ", case " + i + ", " + shown(value) + ": " + e, e);
            }
        }
    }

    @SafeVarargs
    public static <T> T oneOf(Random random, T... values) {
        return values[random.nextInt(values.length)];
    }

    /** A list of 0 to {@code most} values. */
    public static <T> List<T> listOf(Random random, int most, Function<Random, T> draw) {
        return random.ints(random.nextInt(most + 1))
                .mapToObj(ignored -> draw.apply(random))
                .toList();
    }

    /** Text of 0 to {@code most} characters: of letters, of marks that parsers know, of ASCII or of all of Unicode. */
    public static String text(Random random, int most) {
        int kind = random.nextInt(4);
        StringBuilder text = new StringBuilder();
        for (int length = random.nextInt(most + 1); text.length() < length; ) {
            switch (random.nextInt(4) == 0 ? random.nextInt(4) : kind) {
                case 0 -> text.append((char) ((random.nextBoolean() ? 'a' : 'A') + random.nextInt(26)));
                case 1 -> text.append(MARKS.charAt(random.nextInt(MARKS.length())));
                case 2 -> text.append((char) random.nextInt(128));
                default -> text.appendCodePoint(codePoint(random));
            }
        }
        return text.toString();
    }

    /** Any assigned character but surrogates, which no decoded text holds alone. */
    private static int codePoint(Random random) {
        while (true) {
            int c = random.nextInt(random.nextInt(4) == 0 ? 0x110000 : 0x10000);
            if (Character.isDefined(c) && (c < 0xD800 || c > 0xDFFF)) {
                return c;
            }
        }
    }

    /** 0 to {@code most} bytes. */
    public static byte[] bytes(Random random, int most) {
        byte[] bytes = new byte[random.nextInt(most + 1)];
        random.nextBytes(bytes);
        return bytes;
    }

    /** A case as it can be told apart in a log: control characters and what lies beyond ASCII are escaped. */
    private static String shown(Object value) {
        String text = value instanceof byte[] bytes
                ? Arrays.toString(bytes) + " ("
                        + new String(bytes, 0, Math.min(bytes.length, 200), StandardCharsets.ISO_8859_1) + ")"
                : String.valueOf(value);
        StringBuilder out = new StringBuilder();
        text.chars()
                .forEach(c -> out.append(c >= ' ' && c < 127 ? Character.toString(c) : String.format("\\u%04x", c)));
        return out.toString();
    }
}
