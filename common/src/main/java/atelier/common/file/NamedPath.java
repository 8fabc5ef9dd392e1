package atelier.common.file;

import atelier.common.error.WrongCommandException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files and folders that keys name: checks that are made before work begins, and what they are called elsewhere. */
public final class NamedPath {
    private NamedPath() {}

    /** What a file or folder is called, for texts that leave this machine: its own name without the folders around it. */
    public static String name(Path path) {
        Path name = path.toAbsolutePath().normalize().getFileName();
        return name == null ? "" : name.toString();
    }

    /**
     * A file that is to be read.
     *
     * @param key that names it
     * @param remedy what the key should name
     * @throws WrongCommandException when it does not exist, is a folder, or may not be read
     */
    public static Path file(String key, Path path, String remedy) {
        existing(key, path, remedy);
        if (Files.isDirectory(path)) {
            throw new WrongCommandException(key, "'" + path + "' is a folder, not a file", remedy);
        }
        return path;
    }

    /**
     * A file or folder that is to be read.
     *
     * @throws WrongCommandException when it does not exist or may not be read
     */
    public static Path existing(String key, Path path, String remedy) {
        if (!Files.exists(path)) {
            throw new WrongCommandException(key, "'" + path + "' does not exist", remedy);
        }
        if (!Files.isReadable(path)) {
            throw new WrongCommandException(key, "'" + path + "' may not be read", "change its permissions");
        }
        return path;
    }

    /**
     * A folder that is to be written to, and made where it is not there yet.
     *
     * @throws WrongCommandException when a file is in its place, or in that of a folder above it, or it may not be written to
     */
    public static Path output(String key, Path folder) {
        Path there = folder.toAbsolutePath().normalize();
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        if (there != null && !Files.isDirectory(there)) {
            throw new WrongCommandException(
                    key, "'" + folder + "' cannot be a folder, '" + there + "' is a file", "name another folder");
        }
        if (there != null && !Files.isWritable(there)) {
            throw new WrongCommandException(key, "'" + there + "' may not be written to", "name another folder");
        }
        return folder;
    }
}
