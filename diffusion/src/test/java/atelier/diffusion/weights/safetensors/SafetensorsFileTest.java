package atelier.diffusion.weights.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsFileTest {
    private static final String U8 = "{'dtype':'U8','shape':[2],'data_offsets':[0,2]}";

    @TempDir
    Path folder;

    private Path file(String header, int dataBytes) throws IOException {
        byte[] text = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        return raw(text.length, text, dataBytes);
    }

    private Path raw(long length, byte[] text, int dataBytes) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(8 + text.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(length).put(text);
        return Files.write(folder.resolve("x.safetensors"), bytes.array());
    }

    @Test
    void tensorsAreReadAsTheyWereWritten() throws IOException {
        Map<String, TensorView> tensors = new LinkedHashMap<>();
        tensors.put("b", TensorView.ofFloats(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
        tensors.put("a", Floats.convert(TensorView.ofFloats(new float[] {0.5f}), DType.F16));
        tensors.put("empty", TensorView.ofFloats(new float[0], 0, 7));
        Path path = folder.resolve("out/deep/x.safetensors");
        SafetensorsWriter.write(path, tensors, Map.of("z", "1", "a", "ö"));

        SafetensorsFile read = SafetensorsFile.open(path);
        assertThat(read.metadata()).isEqualTo(Map.of("z", "1", "a", "ö"));
        assertThat(read.tensors().keySet()).containsExactlyInAnyOrder("b", "a", "empty");
        assertThat(read.tensors().get("b").toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(read.tensors().get("b").rows(1, 2).toFloats()).containsExactly(4, 5, 6);
        assertThat(read.tensors().get("a").shape()).isEmpty();
        assertThat(read.tensors().get("a").toFloats()).containsExactly(0.5f);
        assertThat(read.tensors().get("b").data().isDirect()).isTrue();
        long header = ByteBuffer.wrap(Files.readAllBytes(path))
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong();
        assertThat(header % 8).isZero();
        assertThat(path.getParent().toFile().list())
                .containsExactly(path.getFileName().toString());
    }

    @Test
    void largerTypesComeFirstAndThenNamesInOrder() throws IOException {
        Map<String, TensorView> tensors = new LinkedHashMap<>();
        tensors.put("z", TensorView.ofFloats(new float[] {1}, 1));
        tensors.put("a", Floats.convert(TensorView.ofFloats(new float[] {1}, 1), DType.BF16));
        tensors.put("c", TensorView.ofFloats(new float[] {1}, 1));
        tensors.put("n", new TensorView(DType.I64, new long[] {1}, ByteBuffer.allocate(8)));
        Path path = folder.resolve("x.safetensors");
        SafetensorsWriter.write(path, tensors, Map.of());
        assertThat(SafetensorsFile.open(path).tensors().keySet()).containsExactly("n", "c", "z", "a");
    }

    @Test
    void aFailedWriteLeavesNothing() {
        Map<String, TensorSource> tensors = Map.of("a", TensorSource.of(DType.F32, new long[] {1}, () -> {
            throw new IllegalStateException("no");
        }));
        Path path = folder.resolve("sub/x.safetensors");
        assertThatThrownBy(() -> SafetensorsWriter.write(path, tensors, Map.of()))
                .hasMessage("no");
        assertThat(path.getParent()).isEmptyDirectory();
    }

    static Stream<List<Object>> hostileHeaders() {
        String f32 = "{'dtype':'F32','shape':[%s],'data_offsets':[%s]}";
        return Stream.of(
                List.of("", 0, "not a JSON object"),
                List.of("[]", 0, "not a JSON object"),
                List.of("{}", 1, "cover 0 bytes, the file holds 1"),
                List.of("{'a':" + U8 + ",'a':" + U8 + "}", 2, "Duplicate field 'a'"),
                List.of("{'a':{'dtype':'U8','dtype':'U8','shape':[2],'data_offsets':[0,2]}}", 2, "Duplicate field"),
                List.of("{'__metadata__':{'x':1},'a':" + U8 + "}", 2, "not a string"),
                List.of("{'__metadata__':[],'a':" + U8 + "}", 2, "not an object"),
                List.of("{'a':" + U8 + "} x", 2, "not the expected JSON"),
                List.of("{'a':" + U8 + "}{}", 2, "something follows"),
                List.of("{'a':" + U8, 2, "not the expected JSON"),
                List.of("{'a':null}", 0, "is not an object"),
                List.of("{'a':{}}", 0, "lacks a dtype"),
                List.of(
                        "{'a':" + String.format(f32, "1", "0,4").replace("F32", "F128") + "}",
                        4,
                        "unknown dtype 'F128'"),
                List.of("{'a':" + String.format(f32, "1", "0,4,5") + "}", 4, "two data_offsets"),
                List.of("{'a':" + String.format(f32, "1.0", "0,4") + "}", 4, "not an unsigned integer"),
                List.of("{'a':" + String.format(f32, "-0", "0,4") + "}", 4, "not an unsigned integer"),
                List.of("{'a':" + String.format(f32, "1", "-4,0") + "}", 4, "not an unsigned integer"),
                List.of("{'a':" + String.format(f32, "9999999999999999999", "0,4") + "}", 4, "beyond 2^63"),
                List.of("{'a':" + String.format(f32, "4294967296,4294967296,4", "0,0") + "}", 0, "overflows"),
                List.of("{'a':" + String.format(f32, "2", "0,4") + "}", 4, "takes 8 bytes, its range has 4"),
                List.of("{'a':" + String.format(f32, "1", "4,8") + "}", 8, "byte 0 must be next"),
                List.of(
                        "{'a':" + String.format(f32, "1", "0,4") + ",'b':" + String.format(f32, "1", "2,6") + "}",
                        6,
                        "byte 4 must be next"),
                List.of("{'a':" + String.format(f32, "1", "0,4") + "}", 3, "cover 4 bytes, the file holds 3"),
                List.of("{'a':{'dtype':'F4','shape':[3],'data_offsets':[0,1]}}", 1, "does not fill whole bytes"),
                List.of("{'\\ud800':" + U8 + "}", 2, "surrogate"),
                List.of("{'a':{'x':" + "[".repeat(200) + "]".repeat(200) + "}}", 0, "nesting depth"));
    }

    @ParameterizedTest
    @MethodSource
    void hostileHeaders(List<Object> row) throws IOException {
        Path path = file((String) row.get(0), (Integer) row.get(1));
        assertThatThrownBy(() -> SafetensorsFile.open(path))
                .isInstanceOf(WeightsException.class)
                .hasMessageStartingWith(path + " is not a readable safetensors file: ")
                .hasMessageContaining((String) row.get(2));
    }

    @Test
    void wrongHeaderLengthsAreRefusedBeforeMemoryIsTaken() throws IOException {
        assertThatThrownBy(() -> SafetensorsFile.open(raw(99, "{}".getBytes(StandardCharsets.UTF_8), 0)))
                .hasMessageContaining("would be 99 bytes long, the file has 10");
        assertThatThrownBy(() -> SafetensorsFile.open(raw(Long.MIN_VALUE, new byte[0], 0)))
                .hasMessageContaining("would be 9223372036854775808 bytes long");
        assertThatThrownBy(() -> SafetensorsFile.open(Files.write(folder.resolve("short"), new byte[3])))
                .hasMessageContaining("fewer than the eight");
        assertThatThrownBy(() -> SafetensorsFile.open(folder.resolve("none"))).hasMessageContaining("does not exist");
        assertThatThrownBy(() -> SafetensorsFile.open(folder)).hasMessageContaining("is a folder");
    }

    @Test
    void whatTheFormatAllowsIsRead() throws IOException {
        assertThat(SafetensorsFile.open(file("  {'__metadata__':null,'a':" + U8 + "}   ", 2))
                        .tensors())
                .containsOnlyKeys("a");
        assertThat(SafetensorsFile.open(file("{}", 0)).tensors()).isEmpty();
        assertThat(SafetensorsFile.open(file("{'a':{'z':{'y':[1]},'dtype':'U8','shape':[2],'data_offsets':[0,2]}}", 2))
                        .tensors())
                .containsOnlyKeys("a");
    }
}
