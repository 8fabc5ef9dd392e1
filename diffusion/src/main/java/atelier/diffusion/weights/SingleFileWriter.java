package atelier.diffusion.weights;

import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.name.NameTable;
import atelier.diffusion.weights.name.OpenClipNames;
import atelier.diffusion.weights.name.UnetNames;
import atelier.diffusion.weights.name.VaeNames;
import atelier.diffusion.weights.safetensors.DType;
import atelier.diffusion.weights.safetensors.Floats;
import atelier.diffusion.weights.safetensors.SafetensorsWriter;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.WeightsException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Writes a model as one file in the layout of the original latent diffusion code; {@link Checkpoint#open} undoes it. */
public final class SingleFileWriter {
    private static final Pattern VAE_ATTENTION =
            Pattern.compile("(encoder|decoder)\\.mid\\.attn_1\\.(q|k|v|proj_out)\\.weight");

    private SingleFileWriter() {}

    /**
     * Writes all of a checkpoint.
     *
     * @param dtype element type of the weights: F32, F16 or BF16
     * @param metadata for the file; the configurations are added to it
     * @throws WeightsException when a tensor has no name in this layout
     * @throws IOException when writing fails; nothing is left at the path then
     */
    public static void write(Checkpoint checkpoint, Path file, DType dtype, Map<String, String> metadata)
            throws IOException {
        Map<String, TensorSource> tensors = new LinkedHashMap<>();
        layout(checkpoint).forEach((name, tensor) -> tensors.put(name, Floats.converted(tensor, dtype)));
        Map<String, String> all = new TreeMap<>(metadata);
        all.put(SingleFile.CONFIG_KEY, ModelFolder.JSON.writeValueAsString(configs(checkpoint)));
        SafetensorsWriter.write(file, tensors, all);
    }

    private static ObjectNode configs(Checkpoint checkpoint) {
        ObjectNode configs = ModelFolder.JSON.createObjectNode();
        for (Component component : checkpoint.components()) {
            ObjectNode config = checkpoint.component(component).config();
            // transformers and diffusers note where a model was fetched from; a path of ours must not travel.
            config.remove("_name_or_path");
            configs.set(component.folder(), config);
        }
        configs.set("scheduler", checkpoint.schedulerConfig());
        return configs;
    }

    /** All tensors under LDM's names, as views where the bytes are the same. */
    static Map<String, TensorSource> layout(Checkpoint checkpoint) {
        Map<String, TensorSource> out = new LinkedHashMap<>();
        for (Component component : checkpoint.components()) {
            StateDict dict = checkpoint.component(component);
            switch (component) {
                case UNET -> renamed(out, SingleFile.UNET, UnetNames.table(dict.config()), dict);
                case VAE -> renamed(out, SingleFile.VAE, VaeNames.table(dict.config()), dict);
                case TEXT_ENCODER -> textEncoder(out, checkpoint.family(), dict);
                case TEXT_ENCODER_2 ->
                    prefixed(
                            out,
                            checkpoint.family() == ModelFamily.SDXL_REFINER
                                    ? SingleFile.REFINER_OPEN_CLIP
                                    : SingleFile.XL_OPEN_CLIP,
                            OpenClipNames.toOpenClip(dict.sources()));
            }
        }
        return out;
    }

    private static void textEncoder(Map<String, TensorSource> out, ModelFamily family, StateDict dict) {
        switch (family) {
            case SD1 -> prefixed(out, SingleFile.CLIP, dict.sources());
            case SDXL, SDXL_REFINER -> prefixed(out, SingleFile.XL_CLIP, dict.sources());
            case SD2 -> prefixed(out, SingleFile.OPEN_CLIP, OpenClipNames.toOpenClip(withSpareLayer(dict.sources())));
        }
    }

    /**
     * Stable Diffusion 2.x's original has one block more than is run, which diffusers leaves out. Readers that load
     * strictly want it; the last block's weights stand in, as in kohya's converter.
     */
    private static Map<String, TensorSource> withSpareLayer(Map<String, TensorSource> tensors) {
        Map<String, TensorSource> all = new LinkedHashMap<>(tensors);
        int layers = 0;
        while (tensors.containsKey("text_model.encoder.layers." + layers + ".layer_norm1.weight")) {
            layers++;
        }
        String last = "text_model.encoder.layers." + (layers - 1) + ".";
        String spare = "text_model.encoder.layers." + layers + ".";
        tensors.forEach((name, tensor) -> {
            if (name.startsWith(last)) {
                all.put(spare + name.substring(last.length()), tensor);
            }
        });
        return all;
    }

    private static void prefixed(Map<String, TensorSource> out, String prefix, Map<String, TensorSource> tensors) {
        tensors.forEach((name, tensor) -> out.put(prefix + name, tensor));
    }

    private static void renamed(Map<String, TensorSource> out, String prefix, NameTable table, StateDict dict) {
        dict.sources().forEach((name, tensor) -> {
            String ldm = table.toLdm(name)
                    .orElseThrow(() -> new WeightsException(dict.place() + " has the tensor '" + name
                            + "', which the single-file layout has no name for; export it as a diffusers folder"));
            boolean pointwise = VAE_ATTENTION.matcher(ldm).matches() && tensor.shape().length == 2;
            out.put(prefix + ldm, pointwise ? pointwise(tensor) : tensor);
        });
    }

    private static TensorSource pointwise(TensorSource matrix) {
        long[] shape = matrix.shape();
        return TensorSource.of(matrix.dtype(), new long[] {shape[0], shape[1], 1, 1}, matrix::data);
    }
}
