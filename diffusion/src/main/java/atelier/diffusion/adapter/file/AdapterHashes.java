package atelier.diffusion.adapter.file;

import atelier.diffusion.weights.safetensors.SafetensorsWriter;
import atelier.diffusion.weights.safetensors.TensorSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * The hashes by which web interfaces know an adapter. {@code sshs_model_hash} is SHA-256 of the tensors' bytes, so that
 * it survives changes of the metadata; {@code sshs_legacy_hash} is the beginning of SHA-256 over the 64 KiB from 1 MiB
 * on, of the file as it is with the training metadata (ss_*) alone.
 */
public final class AdapterHashes {
    private static final long LEGACY_FROM = 0x100000;
    private static final long LEGACY_TO = 0x110000;

    private AdapterHashes() {}

    /**
     * The metadata with both hashes, and ModelSpec's where it has ModelSpec's entries.
     *
     * @param tensors as they will be written
     */
    public static Map<String, String> with(Map<String, ? extends TensorSource> tensors, Map<String, String> metadata)
            throws IOException {
        Map<String, String> training = new TreeMap<>(metadata);
        training.keySet().removeIf(key -> !key.startsWith("ss_"));
        Digests digests = new Digests();
        SafetensorsWriter.write(digests, tensors, training);
        String model = HexFormat.of().formatHex(digests.model.digest());
        String legacy = HexFormat.of().formatHex(digests.legacy.digest());
        Map<String, String> all = new TreeMap<>(metadata);
        all.put("sshs_model_hash", model);
        all.put("sshs_legacy_hash", legacy.substring(0, 8));
        if (metadata.containsKey("modelspec.sai_model_spec")) {
            all.put("modelspec.hash_sha256", "0x" + model);
        }
        return all;
    }

    /** A file that is hashed instead of written. */
    private static final class Digests implements WritableByteChannel {
        private final MessageDigest model = sha256();
        private final MessageDigest legacy = sha256();
        private long written;
        private long dataFrom = -1;

        @Override
        public int write(ByteBuffer bytes) {
            int size = bytes.remaining();
            if (dataFrom < 0) {
                // The first write begins with the header's length.
                dataFrom = 8 + bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).getLong(bytes.position());
            }
            take(model, bytes, dataFrom, Long.MAX_VALUE);
            take(legacy, bytes, LEGACY_FROM, LEGACY_TO);
            written += size;
            bytes.position(bytes.limit());
            return size;
        }

        /** Hashes what of the bytes lies between two places of the file. */
        private void take(MessageDigest digest, ByteBuffer bytes, long from, long to) {
            long begin = Math.max(from - written, 0);
            long end = Math.min(to - written, bytes.remaining());
            if (begin < end) {
                digest.update(bytes.slice(bytes.position() + (int) begin, (int) (end - begin)));
            }
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}

        private static MessageDigest sha256() {
            try {
                return MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java has SHA-256", e);
            }
        }
    }
}
