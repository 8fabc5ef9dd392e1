package atelier.cli.conformance;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Runs many command lines in one process, for scripts/conformance: libraries of a gigabyte are loaded once. Its argument is
 * a file of command lines, their words parted by tabs. It prints, as each has ended, {@code CELL}, its number, its exit status
 * and what it said, parted by tabs, with \n for an end of line.
 *
 * <p>The property atelier.recorder names a library that is loaded once PyTorch is, for scripts/conformance/gpu/recording.py.
 *
 * <p>Java runs it from this source, over the class path of a build: hence reflection, and nothing but the JDK's own classes.
 */
public final class Cells {
    private Cells() {}

    public static void main(String[] arguments) throws Exception {
        Class<?> atelier = Class.forName("atelier.cli.Atelier");
        Method commands = Class.forName("atelier.cli.Commands").getDeclaredMethod("all");
        commands.setAccessible(true);
        Constructor<?> constructor = atelier.getDeclaredConstructors()[0];
        constructor.setAccessible(true);
        Method run = atelier.getDeclaredMethod("run", List.class);
        run.setAccessible(true);
        String recorder = System.getProperty("atelier.recorder", "");
        if (!recorder.isEmpty()) {
            Class.forName("ai.djl.engine.Engine")
                    .getMethod("getEngine", String.class)
                    .invoke(null, "PyTorch");
            System.load(recorder);
        }
        Path root = Path.of(System.getProperty("atelier.root"));
        int number = 0;
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            PrintStream said = new PrintStream(bytes, true, StandardCharsets.UTF_8);
            Object main = constructor.newInstance(root, commands.invoke(null), said, said, false);
            Object status = run.invoke(main, List.of(line.split("\t")));
            Method code = status.getClass().getDeclaredMethod("code");
            code.setAccessible(true);
            String text =
                    bytes.toString(StandardCharsets.UTF_8).replace("\n", "\\n").replace('\t', ' ');
            System.out.println("CELL\t" + number++ + "\t" + code.invoke(status) + "\t" + text);
        }
        if (!recorder.isEmpty()) {
            // Before the process ends, since PyTorch's own statics are gone when a library is asked to close.
            Object library = Class.forName("com.sun.jna.NativeLibrary")
                    .getMethod("getInstance", String.class)
                    .invoke(null, recorder);
            Object end =
                    library.getClass().getMethod("getFunction", String.class).invoke(library, "record_end");
            end.getClass().getMethod("invokeVoid", Object[].class).invoke(end, (Object) new Object[0]);
        }
        // Halts threads that libraries leave running.
        System.exit(0);
    }
}
