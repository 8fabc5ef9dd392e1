package atelier.cluster.engine;

import atelier.common.error.WrongCommandException;
import atelier.common.file.NamedPath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the processes of a cluster know one another by. It stands in files that only their owner can read. */
final class Secret {
    private static final int BYTES = 32;
    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rw-------");

    private Secret() {}

    /** A new one, at random. */
    static String make() {
        byte[] bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Spark's settings that demand and give the secret, and encrypt what is sent. */
    static Map<String, String> settings(String secret) {
        return Map.of(
                "spark.authenticate", "true",
                "spark.authenticate.secret", secret,
                "spark.network.crypto.enabled", "true");
    }

    /**
     * The secret of the cluster that the settings name; null where they name none.
     *
     * @throws WrongCommandException when the file cannot be read, or others can read it
     */
    static @Nullable String of(ClusterSettings settings) throws IOException {
        Path file = settings.secretFile();
        if (file == null) {
            return null;
        }
        NamedPath.file("cluster.secret_file", file, "name the file that holds the cluster's secret");
        if (Files.getFileStore(file).supportsFileAttributeView("posix")
                && !OWNER.containsAll(Files.getPosixFilePermissions(file))) {
            throw new WrongCommandException(
                    "cluster.secret_file", "others than its owner can read '" + file + "'", "chmod 600 " + file);
        }
        return Files.readString(file).strip();
    }

    /** Writes a file that nobody else can read, from its first byte on. */
    static void write(Path file, String text) throws IOException {
        Files.deleteIfExists(file);
        try (var channel = Files.newByteChannel(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(OWNER))) {
            channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
        }
    }

    /** Bars a folder to others. */
    static void keep(Path folder) throws IOException {
        if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        }
    }
}
