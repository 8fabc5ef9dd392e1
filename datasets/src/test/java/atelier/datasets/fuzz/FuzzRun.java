package atelier.datasets.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives many damaged files to the readers, and stops at the first that ends in anything but a picture, pairs or a finding.
 *
 * <p>Arguments: how many files, optionally the first seed, and {@code images} for images alone. Run it with little memory (-Xmx256m), so that a reader that
 * believes a length it should not shows.
 */
public final class FuzzRun {
    private static final long SLOW = 2_000_000_000L;

    private FuzzRun() {}

    public static void main(String[] arguments) throws IOException {
        long count = Long.parseLong(arguments[0]);
        long first = arguments.length > 1 ? Long.parseLong(arguments[1]) : 0;
        Path folder = Files.createTempDirectory("fuzz");
        Subjects subjects = new Subjects(folder);
        List<String> names = new ArrayList<>(Subjects.IMAGES);
        if (arguments.length < 3 || !arguments[2].equals("images")) {
            names.addAll(Subjects.tables());
        }
        List<byte[]> files = new ArrayList<>();
        for (String name : names) {
            files.add(name.startsWith("pairs.") ? Subjects.table(name) : Subjects.golden(name));
        }
        long read = 0;
        long slowest = 0;
        long start = System.nanoTime();
        for (long seed = first; seed < first + count; seed++) {
            int which = (int) (seed % names.size());
            String name = names.get(which);
            byte[] damaged = Mutation.of(files.get(which), seed);
            long begun = System.nanoTime();
            try {
                boolean sound =
                        name.startsWith("pairs.") ? subjects.pairs(name, damaged) : subjects.image(name, damaged);
                read += sound ? 1 : 0;
            } catch (Throwable e) {
                System.err.println(name + " damaged with seed " + seed + " ended in " + e);
                throw e;
            }
            long took = System.nanoTime() - begun;
            slowest = Math.max(slowest, took);
            if (took > SLOW) {
                System.err.printf("%s damaged with seed %d took %.1f s%n", name, seed, took / 1e9);
            }
        }
        System.out.printf(
                "%d files, %d of them still read, the rest findings; %.0f s, slowest %.0f ms%n",
                count, read, (System.nanoTime() - start) / 1e9, slowest / 1e6);
    }
}
