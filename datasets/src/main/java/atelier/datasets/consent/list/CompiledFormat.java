package atelier.datasets.consent.list;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The layout of a compiled opt-out list, all numbers big-endian:
 *
 * <pre>
 * 8 bytes    ATLOPT01
 * sections   one a kind, each a run of chunks of at most a mebibyte
 * footer     JSON: the lists compiled, and each section's chunks with their SHA-256 and, where sorted, first key
 * 8 bytes    the footer's length
 * 32 bytes   the footer's SHA-256, which through the chunks' digests stands for the whole file
 * 8 bytes    ATLOPTND
 * </pre>
 *
 * <p>Records: url, sha256 and domain are 16 bytes of key and 8 of place, sorted, each key once; pdq is 32 bytes of digest
 * and 8 of place; creator and licence are 2 bytes of length, the text in UTF-8, and 8 of place. A place packs 8 bits of
 * flags (domain: 1 for subdomains; pdq: maxDistance + 1), 12 bits of list and 44 bits of line.
 */
final class CompiledFormat {
    static final byte[] BEGIN = "ATLOPT01".getBytes(StandardCharsets.US_ASCII);
    static final byte[] END = "ATLOPTND".getBytes(StandardCharsets.US_ASCII);
    static final int TAIL = 8 + 32 + 8;
    static final int CHUNK = 1 << 20;
    static final int KEY_RECORD = 24;
    static final int PDQ_RECORD = 40;
    static final int MAX_LISTS = 1 << 12;
    static final int MAX_FOOTER = 1 << 28;

    static final ObjectMapper JSON = new ObjectMapper()
            .setSerializationInclusion(JsonInclude.Include.NON_NULL)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private static final int LINE_BITS = 44;
    private static final long LINE_MASK = (1L << LINE_BITS) - 1;

    private CompiledFormat() {}

    record Footer(int version, List<ListDigest> sources, List<Section> sections) {}

    record Section(EntryKind kind, long offset, long records, List<Chunk> chunks) {}

    /** @param first the first key, 32 hexadecimal digits, where the section is sorted */
    record Chunk(int length, String sha256, @Nullable String first) {}

    static long place(int flags, int list, long line) {
        return (long) flags << 56 | (long) list << LINE_BITS | (line & LINE_MASK);
    }

    static int flags(long place) {
        return (int) (place >>> 56);
    }

    static int list(long place) {
        return (int) (place >>> LINE_BITS) & (MAX_LISTS - 1);
    }

    static long line(long place) {
        return place & LINE_MASK;
    }
}
