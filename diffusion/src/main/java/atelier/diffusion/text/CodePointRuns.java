package atelier.diffusion.text;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A property of every Unicode code point, from a resource that lists runs of one value: the first code point in
 * hexadecimal and the value's letter. Tables of our own, because a text must give the same tokens under every Java
 * version, and Java's own tables change with it.
 */
final class CodePointRuns {
    private final int[] starts;
    private final char[] values;

    CodePointRuns(String resource) {
        String[] runs = text(resource).strip().split("\\s+");
        starts = new int[runs.length];
        values = new char[runs.length];
        for (int i = 0; i < runs.length; i++) {
            int last = runs[i].length() - 1;
            starts[i] = Integer.parseInt(runs[i].substring(0, last), 16);
            values[i] = runs[i].charAt(last);
        }
    }

    /** The value's letter. */
    char at(int point) {
        int found = Arrays.binarySearch(starts, point);
        return values[found >= 0 ? found : -found - 2];
    }

    private static String text(String resource) {
        try (InputStream in = CodePointRuns.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is missing beside " + CodePointRuns.class);
            }
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
