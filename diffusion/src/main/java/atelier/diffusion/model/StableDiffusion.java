package atelier.diffusion.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.noise.NoiseSchedule;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.NativeMemory;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.text.PromptEncoder;
import atelier.diffusion.unet.UNet;
import atelier.diffusion.unet.UNetConfig;
import atelier.diffusion.vae.Autoencoder;
import atelier.diffusion.vae.AutoencoderConfig;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.ModelSource;
import atelier.diffusion.weights.name.Component;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A Stable Diffusion model on a device. Networks are loaded when they are first asked for; text encoders and
 * autoencoder can be let go again, since a run that has cached what they give needs them no more.
 */
public final class StableDiffusion implements AutoCloseable {
    private Checkpoint checkpoint;
    private final Kernels kernels;
    private LoadOptions options;
    private NoiseSchedule schedule;
    private @Nullable UNet unet;
    private @Nullable Autoencoder autoencoder;
    private @Nullable PromptEncoder prompts;
    private Use textUse = Use.INFERENCE;
    /** Of text encoders and autoencoder. */
    private Precision encoders;

    private StableDiffusion(Checkpoint checkpoint, Kernels kernels, LoadOptions options) {
        this.checkpoint = checkpoint;
        this.kernels = kernels;
        this.options = options;
        this.encoders = options.precision().unquantised();
        this.schedule = NoiseSchedule.of(checkpoint.schedulerConfig());
    }

    /**
     * Opens a model without loading any network.
     *
     * @param use what the UNet is for; the other networks are run forward, and text encoders back after {@link #trainText}
     * @throws atelier.diffusion.weights.safetensors.WeightsException when the path holds no model
     */
    public static StableDiffusion open(Path path, Kernels kernels, Precision precision, Use use) throws IOException {
        return of(Checkpoint.open(path), kernels, new LoadOptions(precision, use));
    }

    /** As {@link #open(Path, Kernels, Precision, Use)}, with other networks in place of some of the model's own. */
    public static StableDiffusion open(ModelSource source, Kernels kernels, Precision precision, Use use)
            throws IOException {
        return of(Checkpoint.open(source), kernels, new LoadOptions(precision, use));
    }

    /**
     * A model from a checkpoint at hand, such as one with adapters merged into its weights.
     *
     * @param options how the UNet is loaded; the other networks take its precision, not rounded to integers
     */
    public static StableDiffusion of(Checkpoint checkpoint, Kernels kernels, LoadOptions options) {
        Devices.check(kernels.device(), options.precision(), "model.dtype");
        BaseKind.requireDrawn(checkpoint);
        return new StableDiffusion(checkpoint, kernels, options);
    }

    public Checkpoint checkpoint() {
        return checkpoint;
    }

    public Kernels kernels() {
        return kernels;
    }

    public NoiseSchedule schedule() {
        return schedule;
    }

    /** From now on the model is one of another noise schedule or prediction: what training teaches it. */
    public void scheduler(ObjectNode config) {
        checkpoint = checkpoint.withScheduler(config);
        schedule = NoiseSchedule.of(config);
    }

    public Precision precision() {
        return options.precision();
    }

    /**
     * Says how many latents, over all pictures, a pass of the denoising network will see. It can compute any number, and
     * is laid out for the first one that it was told of before it was loaded.
     */
    public void expectLatents(long latents) {
        if (options.latents() == 0) {
            options = options.forLatents(latents);
        }
    }

    /**
     * From now on pictures and captions are encoded in another precision than the UNet's: what is made once, for a cache,
     * may be more exact, or as 8-bit integers faster. The autoencoder's other half follows, but is not rounded to integers.
     *
     * @param key what asks for it, for the message when the device cannot compute in it
     */
    public void encodeIn(Precision precision, String key) {
        Devices.check(kernels.device(), precision, key);
        releasePrompts();
        releaseAutoencoder();
        encoders = precision;
    }

    /** The denoising network. */
    public UNet unet() {
        if (unet == null) {
            unet = UNet.load(kernels, checkpoint.component(Component.UNET), options);
            // What the conversion of weights took.
            NativeMemory.trim();
        }
        return unet;
    }

    /** The autoencoder. */
    public Autoencoder autoencoder() {
        if (autoencoder == null) {
            LoadOptions own = new LoadOptions(autoencoderPrecision(), Use.INFERENCE);
            autoencoder = Autoencoder.load(kernels, checkpoint.component(Component.VAE), own);
        }
        return autoencoder;
    }

    /** What the autoencoder computes in: fp32 where its configuration says that fp16 is too narrow for it. */
    public Precision autoencoderPrecision() {
        boolean widen = encoders == Precision.FP16 && autoencoderConfig().forceUpcast();
        return widen ? Precision.FP32 : encoders;
    }

    /** The denoising network's shape, without its weights. */
    public UNetConfig unetConfig() {
        return UNetConfig.of(checkpoint.component(Component.UNET).config());
    }

    /** The autoencoder's shape and scaling factor, without its weights. */
    public AutoencoderConfig autoencoderConfig() {
        return AutoencoderConfig.of(checkpoint.component(Component.VAE).config());
    }

    /** What text encoders compute in: as the UNet where gradients go from it into them. */
    public Precision textPrecision() {
        return textUse == Use.INFERENCE ? encoders : precision().unquantised();
    }

    /** Tokenizers and text encoders. */
    public PromptEncoder prompts() throws IOException {
        if (prompts == null) {
            prompts = PromptEncoder.load(
                    checkpoint, kernels, new LoadOptions(textPrecision(), textUse, options.prepack()));
        }
        return prompts;
    }

    /** From now on text encoders are loaded such that gradients can go back through them. */
    public void trainText() {
        releasePrompts();
        textUse = Use.ADAPTERS;
    }

    /** Frees the text encoders until they are asked for again. */
    public void releasePrompts() {
        if (prompts != null) {
            prompts.close();
            prompts = null;
        }
    }

    /** Frees the autoencoder until it is asked for again. */
    public void releaseAutoencoder() {
        if (autoencoder != null) {
            autoencoder.close();
            autoencoder = null;
        }
    }

    /**
     * On a GPU, frees what a denoising step does without and returns the memory: autoencoder and whatever the allocator
     * keeps. On a CPU memory is less scarce than the time that loading again takes.
     */
    public void makeRoom() {
        if (kernels.device().isGpu()) {
            releaseAutoencoder();
            NativeMemory.trim(kernels.device());
        }
    }

    /** An array of the given values on the model's device. */
    public static NDArray array(NDManager scope, float[] values, long... shape) {
        return scope.create(values, new Shape(shape));
    }

    @Override
    public void close() {
        releasePrompts();
        releaseAutoencoder();
        if (unet != null) {
            unet.close();
            unet = null;
        }
    }
}
