package atelier.diffusion.weights.safetensors;

import atelier.common.file.AtomicFile;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes safetensors files. Order is the format's own writer's (larger element types first, then by name), the
 * metadata is sorted and the header padded to eight bytes, so that the same tensors give the same file. A file appears
 * whole or not at all.
 */
public final class SafetensorsWriter {
    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            // Otherwise characters beyond 16 bits would be escaped, and the header differ from the format's own
            // writer's.
            .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
            .build());

    private SafetensorsWriter() {}

    /**
     * Writes a file, one tensor in memory at a time.
     *
     * @param metadata string to string; may be empty
     * @throws IOException when writing fails; nothing is left at the path then
     */
    public static void write(Path path, Map<String, ? extends TensorSource> tensors, Map<String, String> metadata)
            throws IOException {
        AtomicFile.write(path, channel -> write(channel, tensors, metadata));
    }

    /** Writes the same bytes to a channel that blocks. */
    public static void write(
            WritableByteChannel channel, Map<String, ? extends TensorSource> tensors, Map<String, String> metadata)
            throws IOException {
        List<Map.Entry<String, TensorSource>> ordered = order(tensors);
        byte[] header = header(ordered, metadata);
        ByteBuffer head = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
        fully(channel, head.putLong(header.length).put(header).flip());
        for (Map.Entry<String, TensorSource> entry : ordered) {
            ByteBuffer data = entry.getValue().data();
            if (data.remaining() != entry.getValue().byteSize()) {
                throw new IllegalStateException("'" + entry.getKey() + "' gave " + data.remaining()
                        + " bytes where its shape takes " + entry.getValue().byteSize());
            }
            fully(channel, data);
        }
    }

    private static void fully(WritableByteChannel channel, ByteBuffer data) throws IOException {
        while (data.hasRemaining()) {
            channel.write(data);
        }
    }

    private static List<Map.Entry<String, TensorSource>> order(Map<String, ? extends TensorSource> tensors) {
        List<Map.Entry<String, TensorSource>> ordered = new ArrayList<>();
        tensors.forEach((name, tensor) -> ordered.add(Map.entry(name, tensor)));
        ordered.sort(Comparator.<Map.Entry<String, TensorSource>, DType>comparing(
                        entry -> entry.getValue().dtype())
                .reversed()
                .thenComparing(Map.Entry::getKey));
        return ordered;
    }

    private static byte[] header(List<Map.Entry<String, TensorSource>> ordered, Map<String, String> metadata)
            throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeObjectField("__metadata__", new TreeMap<>(metadata));
            }
            long offset = 0;
            for (Map.Entry<String, TensorSource> entry : ordered) {
                TensorSource tensor = entry.getValue();
                json.writeObjectFieldStart(entry.getKey());
                json.writeStringField("dtype", tensor.dtype().name());
                json.writeFieldName("shape");
                json.writeArray(tensor.shape(), 0, tensor.shape().length);
                json.writeFieldName("data_offsets");
                json.writeArray(new long[] {offset, offset + tensor.byteSize()}, 0, 2);
                json.writeEndObject();
                offset += tensor.byteSize();
            }
            json.writeEndObject();
        }
        while (bytes.size() % 8 != 0) {
            bytes.write(' ');
        }
        return bytes.toByteArray();
    }
}
