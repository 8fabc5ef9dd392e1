package atelier.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The command line as it was typed. Java decodes it in the locale's charset: started without the launcher in the locale C,
 * every letter beyond ASCII would be lost, and a name would pass the lists that hold it.
 */
final class TypedWords {
    private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

    private TypedWords() {}

    /** @param decoded the main method's arguments */
    static List<String> of(String[] decoded) {
        if ("UTF-8".equals(System.getProperty("sun.jnu.encoding")) || !Files.isReadable(COMMAND_LINE)) {
            return List.of(decoded);
        }
        try {
            return last(decoded.length, Files.readAllBytes(COMMAND_LINE));
        } catch (IOException e) {
            return List.of(decoded);
        }
    }

    /** The last words of a process's command line, each of which ends with a zero byte. */
    static List<String> last(int count, byte[] commandLine) {
        List<String> words = List.of(new String(commandLine, StandardCharsets.UTF_8).split("\0", -1));
        // What follows the last zero byte is empty.
        return words.subList(words.size() - 1 - count, words.size() - 1);
    }
}
