package atelier.inference.prompt;

import atelier.common.error.WrongCommandException;
import atelier.common.file.FileTree;
import atelier.common.file.TextFile;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Text files with a choice a line, which prompts name {@code __animals/cats__}; # begins a comment. */
final class Wildcards {
    private static final String ENDING = ".txt";

    private final @Nullable Path folder;
    private final Map<String, List<String>> read = new HashMap<>();

    /** @param folder null where there is none */
    Wildcards(@Nullable Path folder) {
        this.folder = folder;
    }

    /**
     * The choices under a name, the file's path below the folder without its ending, or the file's name alone.
     *
     * @param place where it is asked for, for messages
     * @throws WrongCommandException if there is no such file, several, or nothing in it
     */
    List<String> choices(String name, String place) throws IOException {
        List<String> known = read.get(name);
        if (known != null) {
            return known;
        }
        String asked = place + " names the wildcard __" + name + "__";
        Path top = folder;
        if (top == null) {
            throw new WrongCommandException(asked + ", and no folder of wildcards is given; name the folder that holds "
                    + name + ENDING + ": wildcards.dir=FOLDER");
        }
        if (!Files.isDirectory(top)) {
            throw new WrongCommandException(
                    asked + ", and wildcards.dir=" + top + " is no folder; name the one that holds " + name + ENDING);
        }
        Map<String, Path> files = files(top);
        Path exact = files.get(name);
        List<Path> found = exact != null
                ? List.of(exact)
                : files.entrySet().stream()
                        .filter(file -> file.getKey().equalsIgnoreCase(name)
                                || file.getKey().endsWith("/" + name))
                        .map(Map.Entry::getValue)
                        .toList();
        if (found.size() != 1) {
            throw new WrongCommandException(
                    found.isEmpty()
                            ? asked + ", and " + top + " holds no " + name + ENDING + "; "
                                    + NearNames.of(name, files.keySet())
                            : asked + ", which may be any of " + found + "; write the path below wildcards.dir");
        }
        List<String> choices = lines(found.get(0));
        if (choices.isEmpty()) {
            throw new WrongCommandException(asked + ", and " + found.get(0) + " is empty; write a choice a line");
        }
        read.put(name, choices);
        return choices;
    }

    private static Map<String, Path> files(Path top) throws IOException {
        Map<String, Path> files = new TreeMap<>();
        for (Path file : FileTree.find(top, each -> each.toString().endsWith(ENDING) && Files.isRegularFile(each))) {
            String below = FileTree.below(top, file);
            files.put(below.substring(0, below.length() - ENDING.length()), file);
        }
        return files;
    }

    private static List<String> lines(Path file) throws IOException {
        try {
            return TextFile.read(file)
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .toList();
        } catch (CharacterCodingException e) {
            throw new WrongCommandException(file + " is not UTF-8 text; save it as UTF-8");
        }
    }
}
