package atelier.inference.request;

import atelier.common.file.Sha256;
import atelier.inference.request.GenerationPlan.FileDigests;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Digests as web interfaces write them: the first digits of a SHA-256. */
final class ModelHash {
    private static final int OLD_DIGITS = 8;
    private static final int OLD_START = 0x100000;
    private static final int OLD_LENGTH = 0x10000;

    private ModelHash() {}

    /** Whether a model has a digest; null where that cannot be found out. */
    static @Nullable Boolean fits(Path model, String hash) throws IOException {
        String wanted = hash.toLowerCase(Locale.ROOT).replaceFirst("^sha256:", "");
        if (!wanted.matches("[0-9a-f]{8,64}")) {
            return null;
        }
        if (Files.isDirectory(model)) {
            String own = FileDigests.ofModel(model);
            return own == null ? null : wanted.startsWith(own) || own.startsWith(wanted);
        }
        if (!Files.isRegularFile(model)) {
            return null;
        }
        return wanted.length() == OLD_DIGITS
                ? old(model).startsWith(wanted)
                : Sha256.of(model).startsWith(wanted);
    }

    /** The digest of 64 KiB behind the first mebibyte, which came before that of the whole file. */
    private static String old(Path model) throws IOException {
        try (InputStream in = Files.newInputStream(model)) {
            in.skipNBytes(Math.min(OLD_START, Files.size(model)));
            return Sha256.of(in.readNBytes(OLD_LENGTH));
        }
    }

    /** Whether an adapter has a digest: of the whole file, or of all behind a safetensors file's header. */
    static boolean fitsAdapter(Path file, String hash) throws IOException {
        String whole = FileDigests.of(file);
        if (whole == null || whole.startsWith(hash)) {
            return true; // a folder has none that others would write
        }
        if (Files.isDirectory(file)) {
            return true;
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] length = in.readNBytes(Long.BYTES);
            if (length.length < Long.BYTES) {
                return false;
            }
            long header = ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong();
            in.skip(Math.max(0, header));
            return Sha256.of(in).startsWith(hash);
        }
    }
}
