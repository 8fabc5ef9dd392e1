package atelier.diffusion.conformance;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.tensor.Tape;
import atelier.diffusion.text.TextEncoder;
import atelier.diffusion.unet.UNet;
import atelier.diffusion.vae.Autoencoder;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.SafetensorsWriter;
import atelier.diffusion.weights.safetensors.TensorView;
import java.io.IOException;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One network of a checkpoint on inputs from a file, its outputs to another; scripts/conformance/live/check_parity.py
 * compares them. Arguments are key=value: model, part (unet, vae, text_encoder), inputs, outputs, dtype.
 */
public final class Parity {
    private final Kernels kernels = Kernels.load(Device.cpu());
    private final Checkpoint checkpoint;
    private final SafetensorsFile inputs;
    private final Map<String, TensorView> outputs = new LinkedHashMap<>();

    private Parity(Map<String, String> options) throws IOException {
        this.checkpoint = Checkpoint.open(Path.of(options.get("model")));
        this.inputs = SafetensorsFile.open(Path.of(options.get("inputs")));
    }

    public static void main(String[] arguments) throws IOException {
        Map<String, String> options = Options.of(arguments);
        Parity parity = new Parity(options);
        Precision precision = Precision.valueOf(options.get("dtype").toUpperCase(Locale.ROOT));
        parity.run(
                Component.valueOf(options.get("part").toUpperCase(Locale.ROOT)),
                new LoadOptions(precision, Use.INFERENCE));
        SafetensorsWriter.write(Path.of(options.get("outputs")), parity.outputs, new HashMap<>());
    }

    private void run(Component part, LoadOptions options) {
        switch (part) {
            case UNET -> unet(options);
            case VAE -> vae(options);
            case TEXT_ENCODER -> text(options);
            default -> throw new IllegalArgumentException("part is unet, vae or text_encoder, got " + part);
        }
    }

    private void unet(LoadOptions options) {
        try (UNet unet = UNet.load(kernels, checkpoint.component(Component.UNET), options);
                Tape tape = Tape.inference(kernels, kernels.manager())) {
            NDManager scope = tape.scope();
            NDArray timesteps = scope.create(longs("in.timesteps")).toType(DataType.FLOAT32, false);
            // The XL family's second condition: the pooled text, and sizes and crop.
            UNet.AddedConditions added = inputs.find("in.pooled") == null
                    ? null
                    : new UNet.AddedConditions(
                            tape.input(cast(scope, "in.pooled", options.precision())), array(scope, "in.time_ids"));
            keep(
                    "out.prediction",
                    unet.forward(
                                    tape,
                                    array(scope, "in.sample"),
                                    timesteps,
                                    tape.input(cast(scope, "in.text", options.precision())),
                                    added)
                            .value());
        }
    }

    private void vae(LoadOptions options) {
        try (Autoencoder vae = Autoencoder.load(kernels, checkpoint.component(Component.VAE), options);
                NDManager scope = kernels.manager().newSubManager()) {
            NDList moments = vae.moments(scope, array(scope, "in.image"));
            keep("out.mean", moments.get(0));
            keep("out.logvar", moments.get(1));
            NDArray latents =
                    array(scope, "in.latents").mul((float) vae.config().scalingFactor());
            keep("out.image", vae.decode(scope, latents));
        }
    }

    private void text(LoadOptions options) {
        long[] flat = longs("in.ids");
        int width = (int) inputs.find("in.ids").shape()[1];
        long[][] ids = new long[flat.length / width][];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = Arrays.copyOfRange(flat, i * width, (i + 1) * width);
        }
        try (TextEncoder encoder = TextEncoder.load(kernels, checkpoint.component(Component.TEXT_ENCODER), options);
                Tape tape = Tape.inference(kernels, kernels.manager())) {
            keep("out.last", encoder.states(tape, ids, 0, true).value());
            keep("out.penultimate", encoder.states(tape, ids, 1, false).value());
        }
    }

    private NDArray array(NDManager scope, String name) {
        TensorView view = inputs.find(name);
        return scope.create(view.toFloats(), new Shape(view.shape()));
    }

    /** Text states in the precision that the network computes in. */
    private NDArray cast(NDManager scope, String name, Precision precision) {
        return kernels.one(scope, "to_type", array(scope, name), precision.code());
    }

    private long[] longs(String name) {
        LongBuffer buffer = inputs.find(name).data().asLongBuffer();
        long[] values = new long[buffer.remaining()];
        buffer.get(values);
        return values;
    }

    private void keep(String name, NDArray value) {
        NDArray plain = kernels.one(value.getManager(), "to_type", value, Precision.FP32.code());
        outputs.put(
                name, TensorView.ofFloats(plain.toFloatArray(), plain.getShape().getShape()));
    }
}
