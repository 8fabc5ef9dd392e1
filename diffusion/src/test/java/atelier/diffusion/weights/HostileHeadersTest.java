package atelier.diffusion.weights;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class HostileHeadersTest {
    private static final byte[] GOOD = ("{\"__metadata__\":{\"k\":\"v\"},\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],"
                    + "\"data_offsets\":[0,24]},\"b\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[24,25]}}")
            .getBytes(StandardCharsets.UTF_8);
    private static final int DATA = 25;

    /** What is accepted covers the data exactly, whatever was done to the header; all else is Malformed. */
    @Property(tries = 2000)
    void damagedHeadersAreRefusedOrWhole(
            @ForAll @Size(min = 1, max = 4) int[] places, @ForAll @Size(value = 4) byte[] bytes) {
        byte[] damaged = GOOD.clone();
        for (int i = 0; i < places.length; i++) {
            damaged[Math.floorMod(places[i], damaged.length)] = bytes[i];
        }
        requireWholeOrRefused(damaged);
    }

    @Property(tries = 500)
    void cutHeadersAreRefusedOrWhole(@ForAll @IntRange(max = 160) int length) {
        byte[] cut = Arrays.copyOf(GOOD, Math.min(length, GOOD.length));
        requireWholeOrRefused(cut);
    }

    private static void requireWholeOrRefused(byte[] header) {
        try {
            SafetensorsHeader parsed = SafetensorsHeader.parse(ByteBuffer.wrap(header), DATA);
            long covered = parsed.tensors().stream()
                    .mapToLong(entry -> DType.byteSize(entry.dtype(), entry.shape()))
                    .sum();
            assertThat(covered).isEqualTo(DATA);
        } catch (SafetensorsHeader.Malformed refused) {
            assertThat(refused.getMessage()).isNotBlank();
        }
    }
}
