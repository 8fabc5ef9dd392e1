package atelier.diffusion.vae;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import atelier.diffusion.tensor.Activation;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.NativeMemory;
import atelier.diffusion.tensor.NetworkLoader;
import atelier.diffusion.tensor.Segment;
import atelier.diffusion.tensor.Tape;
import atelier.diffusion.weights.StateDict;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Pictures to latents and back (AutoencoderKL, Rombach et al. 2022). Latents here are the ones that the UNet sees:
 * multiplied by the configuration's scaling factor.
 */
public final class Autoencoder implements AutoCloseable {
    /**
     * Arrays of this size and more have pages of their own while pictures are encoded. One of a picture of 512 pixels with
     * 128 channels is half as large: the faults of its pages would take a twentieth of the time.
     */
    private static final int OWN_PAGES = 1 << 27;

    private final AutoencoderConfig config;
    private final Kernels kernels;
    /** Owns those of both halves. */
    private final NDManager manager;

    private final Half encoder;
    private final Half decoder;

    private Autoencoder(
            AutoencoderConfig config, Kernels kernels, NDManager manager, StateDict weights, LoadOptions options) {
        this.config = config;
        this.kernels = kernels;
        this.manager = manager;
        NetworkLoader encoding = new NetworkLoader(kernels, manager.newSubManager(), weights, options);
        NetworkLoader decoding = new NetworkLoader(kernels, manager.newSubManager(), weights, options.unquantised());
        this.encoder = new Half(encoding, new AutoencoderParts(config, encoding)::encoder);
        this.decoder = new Half(decoding, new AutoencoderParts(config, decoding)::decoder);
    }

    /** One direction's segments. Few need both: the weights come in when the first picture does. */
    private static final class Half {
        private final NetworkLoader loader;
        private final List<Segment> segments = new ArrayList<>();
        private @Nullable Runnable weights;

        Half(NetworkLoader loader, Supplier<List<Segment>> parts) {
            this.loader = loader;
            weights = loader.later(() -> segments.addAll(parts.get()));
        }

        synchronized List<Segment> loaded() {
            if (weights != null) {
                weights.run();
                weights = null;
                // What the conversion of weights took.
                NativeMemory.trim();
            }
            return segments;
        }
    }

    /**
     * Opens an autoencoder; it is never trained here. All weights are checked, and each half's loaded when it is first
     * used. Roundings to integers would be seen in pictures: they are for the way to latents only.
     *
     * @throws atelier.diffusion.weights.safetensors.WeightsException naming what does not fit
     */
    public static Autoencoder load(Kernels kernels, StateDict weights, LoadOptions options) {
        AutoencoderConfig config = AutoencoderConfig.of(weights.config());
        NDManager manager = kernels.manager().newSubManager();
        try {
            Autoencoder autoencoder = new Autoencoder(config, kernels, manager, weights, options);
            weights.requireEmpty();
            return autoencoder;
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    public AutoencoderConfig config() {
        return config;
    }

    /**
     * Mean and log-variance of the latents' distribution, not scaled.
     *
     * @param pictures [n, 3, h, w] fp32 in [-1, 1]; both sides multiples of the factor
     * @return two arrays [n, latent channels, h / factor, w / factor] fp32; the log-variance lies in [-30, 20]
     */
    public NDList moments(NDManager scope, NDArray pictures) {
        List<Segment> segments = encoder.loaded();
        return NativeMemory.withOwnPages(OWN_PAGES, () -> {
            try (Tape tape = Tape.inference(kernels, scope);
                    NDArray both = run(tape, segments, pictures)) {
                return kernels.call(scope, "split_moments", both);
            }
        });
    }

    /**
     * Latents for training: mean + exp(logvar / 2) * noise, times the scaling factor.
     *
     * @param noise standard normal, of the latents' shape; zeros give the mode
     */
    public NDArray encode(NDManager scope, NDArray pictures, NDArray noise) {
        NDList moments = moments(scope, pictures);
        try (NDArray mean = moments.get(0);
                NDArray logVariance = moments.get(1)) {
            return kernels.one(scope, "sample_latents", mean, logVariance, noise, config.scalingFactor());
        }
    }

    /**
     * Pictures of latents.
     *
     * @param latents scaled, [n, latent channels, h, w] fp32
     * @return [n, 3, h * factor, w * factor] fp32, about [-1, 1] but not cut to it
     */
    public NDArray decode(NDManager scope, NDArray latents) {
        try (Tape tape = Tape.inference(kernels, scope);
                NDArray unscaled = kernels.one(tape.scope(), "times_number", latents, 1 / config.scalingFactor())) {
            NDArray pictures = run(tape, decoder.loaded(), unscaled);
            pictures.attach(scope);
            return pictures;
        }
    }

    private static NDArray run(Tape tape, List<Segment> segments, NDArray input) {
        Activation x = tape.input(input);
        for (Segment segment : segments) {
            x = tape.apply(segment, x);
        }
        return x.value();
    }

    @Override
    public void close() {
        encoder.loader.loaded().close();
        decoder.loader.loaded().close();
        manager.close();
    }
}
