package atelier.inference.request;

import java.nio.file.Path;

/** What a file is called, without the folders that it lies in. */
final class FileName {
    private static final String ENDING = ".safetensors";

    private FileName() {}

    /** The last part of a path. */
    static String of(Path path) {
        Path name = path.toAbsolutePath().normalize().getFileName();
        return name == null ? "" : name.toString();
    }

    /** The last part of a path as any system writes it. */
    static String of(String path) {
        return path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
    }

    /** The name without .safetensors. */
    static String stem(String name) {
        return name.endsWith(ENDING) ? name.substring(0, name.length() - ENDING.length()) : name;
    }
}
