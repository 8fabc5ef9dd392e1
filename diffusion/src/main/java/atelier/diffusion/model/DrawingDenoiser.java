package atelier.diffusion.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.tensor.Activation;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Tape;
import atelier.diffusion.tensor.Upload;
import atelier.diffusion.text.PromptEncoder.Conditions;
import atelier.diffusion.unet.TextKeys;
import atelier.diffusion.unet.UNet;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The denoising network for many calls with the same few texts: what a text gives in every cross-attention is made once and
 * kept until the denoiser is closed. The network's weights must not change before then.
 */
public final class DrawingDenoiser implements Denoiser, AutoCloseable {
    private final Kernels kernels;
    private final UNet unet;
    private final NDManager kept;
    private final NDArray like;
    private final Map<TextConditioning, Told> told = new HashMap<>();

    /** @param model stays the caller's */
    public DrawingDenoiser(StableDiffusion model) {
        this.kernels = model.kernels();
        this.unet = model.unet();
        this.kept = kernels.manager().newSubManager();
        this.like = kept.create(0f);
    }

    /** A text as the network takes it. */
    private record Told(TextKeys keys, @Nullable NDArray pooled) {}

    @Override
    public float[] predict(NoisyLatents noisy, Conditioning conditioning) {
        try (Tape tape = Tape.inference(kernels, kernels.manager());
                Upload upload = new Upload(kernels, like)) {
            Upload.Part latents = upload.add(noisy.values(), noisy.shape());
            Upload.Part timesteps = upload.add(noisy.timesteps(), new Shape(noisy.timesteps().length));
            Upload.Part sizes = conditioning.prepareSizes(unet, upload);
            Function<Tape, Told> text = text(conditioning.text(), upload);
            upload.send(tape.scope());
            Told known = text.apply(tape);
            NDArray pooled = known.pooled();
            UNet.AddedConditions added = Conditioning.added(pooled == null ? null : tape.input(pooled), sizes);
            Activation output = unet.forward(tape, latents.array(), timesteps.array(), known.keys(), added);
            return HostCopy.floats(output.value());
        }
    }

    private Function<Tape, Told> text(TextConditioning text, Upload upload) {
        Told known = told.get(text);
        if (known != null) {
            return tape -> known;
        }
        TextConditioning.Ready ready = text.prepare(upload);
        return tape -> {
            Told fresh = tell(ready.on(tape));
            told.put(text, fresh);
            return fresh;
        };
    }

    private Told tell(Conditions conditions) {
        TextKeys keys = unet.keys(kernels, conditions.states().value());
        Activation pooled = conditions.pooled();
        if (pooled == null) {
            return new Told(keys, null);
        }
        pooled.value().attach(kept);
        return new Told(keys, pooled.value());
    }

    @Override
    public void close() {
        told.values().forEach(each -> each.keys().close());
        told.clear();
        kept.close();
    }
}
