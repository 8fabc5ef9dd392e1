package atelier.diffusion.text;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.weights.safetensors.Finite;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.SafetensorsWriter;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.diffusion.weights.safetensors.WeightsException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An embedding token (Gal et al. 2022, "An image is worth one word"): vectors that stand in a prompt where its token does.
 *
 * @param file where it was read from, for messages
 * @param token what stands for it in prompts
 * @param vectors [n, width] for each text encoder that it is for
 */
public record TextualInversion(Path file, String token, List<TensorView> vectors) {
    private static final String WEB_UI = "emb_params";
    private static final String FIRST = "clip_l";
    private static final String SECOND = "clip_g";

    public TextualInversion {
        vectors = List.copyOf(vectors);
        if (token.isBlank()) {
            throw new WrongCommandException(
                    file + ": an embedding's token must not be empty; write embeddings=[file:token]");
        }
    }

    /**
     * Reads a safetensors file: diffusers' (one tensor, named as the token), web interfaces' (emb_params), or XL's (clip_l
     * and clip_g).
     *
     * @param token null takes the tensor's name in diffusers' files and the file's name in others
     * @throws WeightsException when it is none of these; pickled files are not opened
     */
    public static TextualInversion read(Path file, @Nullable String token) throws IOException {
        String name = String.valueOf(file.getFileName());
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.endsWith(".pt") || lower.endsWith(".bin") || lower.endsWith(".ckpt") || lower.endsWith(".pth")) {
            throw new WeightsException(file + " is a Python pickle, which can run code when it is opened, so it is not"
                    + " read. Convert it once where you trust it: python -c \"import sys, torch; from safetensors.torch"
                    + " import save_file; s = torch.load(sys.argv[1], map_location='cpu', weights_only=True); s ="
                    + " s.get('string_to_param', s); save_file({'emb_params': next(iter(s.values())).detach().float()"
                    + ".contiguous()}, sys.argv[2])\" IN.pt OUT.safetensors");
        }
        Map<String, TensorView> tensors = SafetensorsFile.open(file).tensors();
        tensors.forEach((key, tensor) -> Finite.require(file.toString(), key, tensor));
        String stem = name.contains(".") ? name.substring(0, name.lastIndexOf('.')) : name;
        List<TensorView> vectors = new ArrayList<>();
        if (tensors.containsKey(FIRST) || tensors.containsKey(SECOND)) {
            for (String part : List.of(FIRST, SECOND)) {
                TensorView tensor = tensors.get(part);
                if (tensor == null) {
                    throw new WeightsException(file + " has no tensor '" + part + "'; an embedding for Stable Diffusion"
                            + " XL has clip_l and clip_g");
                }
                vectors.add(matrix(file, tensor));
            }
        } else if (tensors.containsKey(WEB_UI)) {
            vectors.add(matrix(file, tensors.get(WEB_UI)));
        } else if (tensors.size() == 1) {
            stem = tensors.keySet().iterator().next();
            vectors.add(matrix(file, tensors.values().iterator().next()));
        } else {
            throw new WeightsException(file + " holds " + tensors.size() + " tensors and none is emb_params, clip_l or"
                    + " clip_g; an embedding has one tensor. Is it an adapter? Then name it in adapters");
        }
        return new TextualInversion(file, token == null ? stem : token, vectors);
    }

    /**
     * Writes a file that AUTOMATIC1111, ComfyUI and diffusers read: one tensor named as the token, or for XL clip_l and
     * clip_g.
     */
    public void write(Path target) throws IOException {
        Map<String, TensorView> tensors = new TreeMap<>();
        if (vectors.size() > 1) {
            tensors.put(FIRST, vectors.get(0));
            tensors.put(SECOND, vectors.get(1));
        } else {
            tensors.put(token, vectors.get(0));
        }
        SafetensorsWriter.write(target, tensors, Map.of("format", "pt"));
    }

    /** A name for its file: the token without what file systems do not take. */
    public String fileName() {
        String name = token.replaceAll("[<>\"?*]", "");
        return (name.isEmpty() ? "embedding" : name) + ".safetensors";
    }

    private static TensorView matrix(Path file, @Nullable TensorSource source) {
        if (source == null || !source.dtype().isFloat()) {
            throw new WeightsException(file + " holds no numbers that an embedding is made of");
        }
        long[] shape = source.shape();
        if (shape.length == 1) {
            return source.view().reshape(1, shape[0]);
        }
        if (shape.length != 2) {
            throw new WeightsException(file + " holds a tensor " + TensorView.describe(shape)
                    + "; an embedding's are [vectors, width]. Is it an adapter? Then name it in adapters");
        }
        return source.view();
    }

    /** How many tokens of a prompt it takes. */
    public int count() {
        return Math.toIntExact(vectors.get(0).shape()[0]);
    }
}
