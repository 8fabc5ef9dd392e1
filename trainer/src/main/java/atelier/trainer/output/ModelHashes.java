package atelier.trainer.output;

import atelier.common.file.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The hashes by which web interfaces know a base model that is one file: the beginning of SHA-256 over 64 KiB from 1 MiB
 * on, and SHA-256 over all. Folders have none.
 */
final class ModelHashes {
    private static final long FROM = 0x100000;
    private static final int LENGTH = 0x10000;
    private static final int SHOWN = 8;

    /** A run writes its adapter many times, and its base is large. */
    private static final Map<Base, Map<String, String>> KNOWN = new ConcurrentHashMap<>();

    private record Base(Path path, long size, FileTime changed) {}

    private ModelHashes() {}

    /** Under kohya's names; empty for a folder. */
    static Map<String, String> of(Path model) throws IOException {
        if (!Files.isRegularFile(model)) {
            return Map.of();
        }
        Base base = new Base(model, Files.size(model), Files.getLastModifiedTime(model));
        Map<String, String> known = KNOWN.get(base);
        if (known == null) {
            known = read(model);
            KNOWN.put(base, known);
        }
        return known;
    }

    private static Map<String, String> read(Path model) throws IOException {
        try (InputStream in = Files.newInputStream(model)) {
            in.skipNBytes(Math.min(FROM, Files.size(model)));
            String legacy = Sha256.of(in.readNBytes(LENGTH)).substring(0, SHOWN);
            return Map.of("ss_sd_model_hash", legacy, "ss_new_sd_model_hash", Sha256.of(model));
        }
    }
}
