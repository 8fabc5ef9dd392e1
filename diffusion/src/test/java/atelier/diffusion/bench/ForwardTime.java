package atelier.diffusion.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.conformance.Options;
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
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/**
 * Times forward passes for scripts/bench. Arguments are key=value: model, part (unet, vae_encode, vae_decode, text), px,
 * dtype, steps. The UNet runs on a batch of two, as guidance does. Prints one line of JSON.
 */
public final class ForwardTime {
    private final Kernels kernels = Kernels.load(Device.cpu());
    private final Checkpoint checkpoint;
    private final LoadOptions options;
    private final int px;
    private final int steps;

    private ForwardTime(Map<String, String> given) throws IOException {
        this.checkpoint = Checkpoint.open(Path.of(given.get("model")));
        this.options = new LoadOptions(Precision.valueOf(given.get("dtype").toUpperCase(Locale.ROOT)), Use.INFERENCE);
        this.px = Integer.parseInt(given.get("px"));
        this.steps = Integer.parseInt(given.get("steps"));
    }

    public static void main(String[] arguments) throws IOException {
        Map<String, String> given = Options.of(arguments);
        ForwardTime time = new ForwardTime(given);
        switch (given.get("part")) {
            case "unet" -> time.unet();
            case "vae_encode" -> time.autoencoder(true);
            case "vae_decode" -> time.autoencoder(false);
            case "text" -> time.text();
            default -> throw new IllegalArgumentException("part " + given.get("part") + " is not known");
        }
    }

    private void unet() throws IOException {
        LoadOptions sized = options.forLatents(2L * (px / 8) * (px / 8));
        try (UNet unet = UNet.load(kernels, checkpoint.component(Component.UNET), sized);
                NDManager inputs = kernels.manager().newSubManager()) {
            var latents = inputs.randomNormal(new Shape(2, 4, px / 8, px / 8));
            var text = inputs.randomNormal(new Shape(2, 77, 768));
            Stopwatch.report(steps, () -> {
                try (Tape tape = Tape.inference(kernels, kernels.manager())) {
                    var timesteps = tape.scope().full(new Shape(2), 500, DataType.FLOAT32);
                    int code = options.precision().code();
                    var states = tape.input(kernels.one(tape.scope(), "to_type", text, code));
                    unet.forward(tape, latents, timesteps, states).value().toFloatArray();
                }
            });
        }
    }

    private void autoencoder(boolean encode) throws IOException {
        try (Autoencoder vae = Autoencoder.load(kernels, checkpoint.component(Component.VAE), options);
                NDManager inputs = kernels.manager().newSubManager()) {
            var picture = inputs.randomNormal(new Shape(1, 3, px, px));
            var latents = inputs.randomNormal(new Shape(1, 4, px / 8, px / 8));
            Stopwatch.report(steps, () -> {
                try (NDManager scope = kernels.manager().newSubManager()) {
                    var result = encode ? vae.moments(scope, picture).get(0) : vae.decode(scope, latents);
                    result.toFloatArray();
                }
            });
        }
    }

    private void text() throws IOException {
        try (TextEncoder encoder = TextEncoder.load(kernels, checkpoint.component(Component.TEXT_ENCODER), options)) {
            long[][] ids = new long[2][77];
            for (int i = 0; i < 77; i++) {
                ids[0][i] = 100L + i;
                ids[1][i] = 40_000L + i;
            }
            Stopwatch.report(steps, () -> {
                try (Tape tape = Tape.inference(kernels, kernels.manager())) {
                    var states = encoder.states(tape, ids, 0, true).value();
                    kernels.one(tape.scope(), "to_type", states, Precision.FP32.code())
                            .toFloatArray();
                }
            });
        }
    }
}
