package atelier.diffusion.conformance;

import atelier.diffusion.adapter.file.AdapterFile;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.math.AdapterArithmetic;
import atelier.diffusion.text.TokenizerFolders;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.FolderWriter;
import atelier.diffusion.weights.SingleFileWriter;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A model from one layout to the other, with an adapter merged in on the way. Arguments are key=value: model, out, dtype
 * (F32, F16, BF16), shard (bytes), adapter, strength. The output is a single file when its name ends in .safetensors.
 */
public final class Convert {
    private Convert() {}

    public static void main(String[] arguments) throws IOException {
        Map<String, String> options = Options.of(arguments);
        Checkpoint model = Checkpoint.open(Path.of(options.get("model")));
        if (options.containsKey("adapter")) {
            AdapterState adapter = AdapterFile.read(
                    Path.of(options.get("adapter")),
                    model.component(Component.UNET).config());
            double strength = Double.parseDouble(options.getOrDefault("strength", "1"));
            for (Component component : adapter.components()) {
                model = model.withWeights(
                        component,
                        AdapterArithmetic.merged(
                                model.component(component),
                                component,
                                List.of(new AdapterArithmetic.Weighted(
                                        adapter, AdapterArithmetic.Strength.all(strength)))));
            }
        }
        DType dtype = DType.valueOf(options.getOrDefault("dtype", "F32"));
        Path out = Path.of(options.get("out"));
        if (out.toString().endsWith(".safetensors")) {
            SingleFileWriter.write(model, out, dtype, Map.of());
            return;
        }
        long shard = Long.parseLong(options.getOrDefault("shard", String.valueOf(FolderWriter.SHARD_BYTES)));
        FolderWriter.write(model, out, dtype, shard, TokenizerFolders.of(model));
    }
}
