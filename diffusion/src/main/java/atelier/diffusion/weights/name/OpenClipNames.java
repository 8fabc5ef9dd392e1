package atelier.diffusion.weights.name;

import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.diffusion.weights.safetensors.WeightsException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * OpenCLIP's text tower and transformers' CLIPTextModel. OpenCLIP keeps query, key and value in one matrix, the
 * position table as a bare parameter, and its projection as the transpose of a linear layer's weight.
 */
public final class OpenClipNames {
    private static final Pattern BLOCK = Pattern.compile("transformer\\.resblocks\\.(\\d+)\\.(.+)");
    private static final Pattern LAYER = Pattern.compile("text_model\\.encoder\\.layers\\.(\\d+)\\.(.+)");
    private static final String PROJECTION = "text_projection.weight";

    private static final Map<String, String> WHOLE = Map.of(
            "token_embedding.weight", "text_model.embeddings.token_embedding.weight",
            "positional_embedding", "text_model.embeddings.position_embedding.weight",
            "ln_final.weight", "text_model.final_layer_norm.weight",
            "ln_final.bias", "text_model.final_layer_norm.bias");

    private static final Map<String, String> PARTS = Map.of(
            "ln_1", "layer_norm1",
            "ln_2", "layer_norm2",
            "mlp.c_fc", "mlp.fc1",
            "mlp.c_proj", "mlp.fc2",
            "attn.out_proj", "self_attn.out_proj");

    private OpenClipNames() {}

    /** The number of residual blocks in a file. */
    public static int layers(Iterable<String> names) {
        int layers = 0;
        for (String name : names) {
            Matcher block = BLOCK.matcher(name);
            layers = block.matches() ? Math.max(layers, Integer.parseInt(block.group(1)) + 1) : layers;
        }
        return layers;
    }

    /**
     * OpenCLIP's tensors under transformers' names, as views.
     *
     * @param layers blocks to keep; Stable Diffusion 2.x never runs its last
     * @param projection whether the network has the projection
     */
    public static Map<String, TensorSource> toTransformers(
            Map<String, TensorView> tensors, int layers, boolean projection) {
        Map<String, TensorSource> out = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            Matcher block = BLOCK.matcher(name);
            String whole = WHOLE.get(name);
            if (whole != null) {
                out.put(whole, tensor);
            } else if (name.equals("text_projection")) {
                if (projection) {
                    out.put(PROJECTION, transposed(tensor));
                }
            } else if (block.matches()) {
                if (Integer.parseInt(block.group(1)) < layers) {
                    block(out, "text_model.encoder.layers." + block.group(1) + ".", block.group(2), tensor);
                }
            } else if (!name.equals("logit_scale") && !name.equals("attn_mask")) {
                out.put(name, tensor);
            }
        });
        return out;
    }

    private static void block(Map<String, TensorSource> out, String layer, String part, TensorView tensor) {
        if (part.startsWith("attn.in_proj_")) {
            String kind = part.substring("attn.in_proj_".length());
            long rows = tensor.shape()[0] / 3;
            out.put(layer + "self_attn.q_proj." + kind, tensor.rows(0, rows));
            out.put(layer + "self_attn.k_proj." + kind, tensor.rows(rows, 2 * rows));
            out.put(layer + "self_attn.v_proj." + kind, tensor.rows(2 * rows, 3 * rows));
            return;
        }
        int dot = part.lastIndexOf('.');
        String module = PARTS.get(part.substring(0, dot));
        out.put(layer + (module == null ? part : module + part.substring(dot)), tensor);
    }

    /** transformers' tensors under OpenCLIP's names; the inverse of {@link #toTransformers}. */
    public static Map<String, TensorSource> toOpenClip(Map<String, TensorSource> tensors) {
        Map<String, TensorSource> out = new LinkedHashMap<>();
        WHOLE.forEach((open, name) -> {
            TensorSource tensor = tensors.get(name);
            if (tensor != null) {
                out.put(open, tensor);
            }
        });
        TensorSource projection = tensors.get(PROJECTION);
        if (projection != null) {
            out.put("text_projection", transposed(projection));
        }
        tensors.forEach((name, tensor) -> {
            Matcher layer = LAYER.matcher(name);
            if (layer.matches()) {
                layer(out, tensors, layer.group(1), layer.group(2), tensor);
            }
        });
        return out;
    }

    private static void layer(
            Map<String, TensorSource> out,
            Map<String, TensorSource> tensors,
            String number,
            String part,
            TensorSource tensor) {
        String block = "transformer.resblocks." + number + ".";
        int dot = part.lastIndexOf('.');
        String module = part.substring(0, dot);
        String kind = part.substring(dot + 1);
        if (module.equals("self_attn.q_proj")) {
            String attention = "text_model.encoder.layers." + number + ".self_attn.";
            out.put(
                    block + "attn.in_proj_" + kind,
                    stacked(Stream.of("q_proj.", "k_proj.", "v_proj.")
                            .map(which -> attention + which + kind)
                            .map(name -> require(tensors, name))
                            .toList()));
            return;
        }
        PARTS.forEach((open, name) -> {
            if (name.equals(module)) {
                out.put(block + open + "." + kind, tensor);
            }
        });
    }

    private static TensorSource require(Map<String, TensorSource> tensors, String name) {
        TensorSource tensor = tensors.get(name);
        if (tensor == null) {
            throw new WeightsException(
                    "the text encoder lacks '" + name + "'; the file is not a whole checkpoint, fetch it again");
        }
        return tensor;
    }

    /** Tensors of one type joined along the first dimension. */
    private static TensorSource stacked(List<TensorSource> parts) {
        long[] shape = parts.get(0).shape();
        shape[0] = parts.stream().mapToLong(part -> part.shape()[0]).sum();
        return TensorSource.of(parts.get(0).dtype(), shape, () -> {
            long size = parts.stream().mapToLong(TensorSource::byteSize).sum();
            ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(size));
            parts.forEach(part -> all.put(part.data()));
            return all.flip();
        });
    }

    /** A matrix's transpose, made when its bytes are asked for. */
    static TensorSource transposed(TensorSource matrix) {
        long[] shape = matrix.shape();
        return TensorSource.of(matrix.dtype(), new long[] {shape[1], shape[0]}, () -> {
            int rows = (int) shape[0];
            int columns = (int) shape[1];
            int size = matrix.dtype().bytes();
            ByteBuffer from = matrix.data().slice();
            ByteBuffer to = ByteBuffer.allocate(rows * columns * size);
            byte[] element = new byte[size];
            for (int column = 0; column < columns; column++) {
                for (int row = 0; row < rows; row++) {
                    from.get((row * columns + column) * size, element);
                    to.put(element);
                }
            }
            return to.flip();
        });
    }
}
