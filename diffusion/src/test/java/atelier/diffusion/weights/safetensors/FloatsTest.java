package atelier.diffusion.weights.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Test;

class FloatsTest {
    @Test
    void everyHalfSurvivesTheWayThroughFp32() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = Floats.fromF16((short) bits);
            if (Float.isNaN(value)) {
                assertThat(Float.isNaN(Floats.fromF16(Floats.toF16(value)))).isTrue();
            } else {
                assertThat(Floats.toF16(value)).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void everyBf16SurvivesTheWayThroughFp32() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = Floats.fromBf16((short) bits);
            if (Float.isNaN(value)) {
                assertThat(Float.isNaN(Floats.fromBf16(Floats.toBf16(value)))).isTrue();
            } else {
                assertThat(Floats.toBf16(value)).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void halfValuesAreTheDefinition() {
        assertThat(Floats.fromF16((short) 0x3c00)).isEqualTo(1f);
        assertThat(Floats.fromF16((short) 0x0001)).isEqualTo(0x1p-24f);
        assertThat(Floats.fromF16((short) 0x7bff)).isEqualTo(65504f);
        assertThat(Floats.fromF16((short) 0xfc00)).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(Floats.fromF16((short) 0x8000)).isEqualTo(-0f);
    }

    /** Between neighbours a and b the midpoint goes to the even one, and its fp32 neighbours to the nearer. */
    @Test
    void narrowingRoundsToNearestTiesToEven() {
        for (int bits = 0; bits < 0x7bff; bits++) {
            float midpoint = midpoint(Floats.fromF16((short) bits), Floats.fromF16((short) (bits + 1)));
            assertThat(Floats.toF16(midpoint)).isEqualTo((short) (bits % 2 == 0 ? bits : bits + 1));
            assertThat(Floats.toF16(Math.nextDown(midpoint))).isEqualTo((short) bits);
            assertThat(Floats.toF16(Math.nextUp(midpoint))).isEqualTo((short) (bits + 1));
            assertThat(Floats.toF16(-midpoint)).isEqualTo((short) (0x8000 | (bits % 2 == 0 ? bits : bits + 1)));
        }
        for (int bits = 0; bits < 0x7f7f; bits++) {
            float midpoint = Float.intBitsToFloat(bits << 16 | 0x8000);
            assertThat(Floats.toBf16(midpoint)).isEqualTo((short) (bits % 2 == 0 ? bits : bits + 1));
            assertThat(Floats.toBf16(Math.nextDown(midpoint))).isEqualTo((short) bits);
            assertThat(Floats.toBf16(Math.nextUp(midpoint))).isEqualTo((short) (bits + 1));
        }
    }

    private static float midpoint(float a, float b) {
        return new BigDecimal(a)
                .add(new BigDecimal(b))
                .divide(new BigDecimal(2))
                .floatValue();
    }

    @Test
    void whatIsTooLargeForHalfBecomesInfinity() {
        assertThat(Floats.toF16(65519.996f)).isEqualTo((short) 0x7bff);
        assertThat(Floats.toF16(65520f)).isEqualTo((short) 0x7c00);
        assertThat(Floats.toF16(Float.NEGATIVE_INFINITY)).isEqualTo((short) 0xfc00);
        assertThat(Floats.toBf16(Float.MAX_VALUE)).isEqualTo((short) 0x7f80);
    }

    /** More elements than one stretch has, and not a whole number of stretches. */
    @Test
    void everyElementOfALargeTensorIsConverted() {
        int count = 200_001;
        ByteBuffer halves = ByteBuffer.allocate(2 * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            halves.putShort(2 * i, (short) (i * 7 % 0x7c00));
        }
        TensorView tensor = new TensorView(DType.F16, new long[] {count}, halves);
        float[] widened = tensor.toFloats();
        ByteBuffer narrowed = Floats.convert(tensor, DType.BF16).data();
        ByteBuffer whole = Floats.convert(tensor, DType.F32).data();
        for (int i = 0; i < count; i++) {
            float value = Floats.fromF16((short) (i * 7 % 0x7c00));
            assertThat(widened[i]).isEqualTo(value);
            assertThat(narrowed.getShort(2 * i)).isEqualTo(Floats.toBf16(value));
            assertThat(whole.getFloat(4 * i)).isEqualTo(value);
        }
    }

    @Test
    void fp8ValuesAreTheDefinition() {
        assertThat(Floats.fromE4m3((byte) 0x7e)).isEqualTo(448f);
        assertThat(Floats.fromE4m3((byte) 0x01)).isEqualTo(0x1p-9f);
        assertThat(Floats.fromE4m3((byte) 0xb8)).isEqualTo(-1f);
        assertThat(Floats.fromE4m3((byte) 0xff)).isNaN();
        assertThat(Floats.fromE5m2((byte) 0x7b)).isEqualTo(57344f);
        assertThat(Floats.fromE5m2((byte) 0xfc)).isEqualTo(Float.NEGATIVE_INFINITY);
    }
}
