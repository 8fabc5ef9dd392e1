package atelier.diffusion.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import atelier.diffusion.tensor.Activation;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Tape;
import atelier.diffusion.tensor.Upload;
import atelier.diffusion.text.PromptEncoder.Conditions;
import atelier.diffusion.unet.UNet;
import org.jspecify.annotations.Nullable;

/** The denoising network on a tape, so that gradients can go back through it and its text. */
public final class TapeDenoiser implements Denoiser {
    private final Kernels kernels;
    private final UNet unet;
    private final NDArray like;

    /** @param unet stays the caller's */
    public TapeDenoiser(Kernels kernels, UNet unet) {
        this.kernels = kernels;
        this.unet = unet;
        this.like = kernels.manager().create(0f);
    }

    /** What goes to the network's device together; the caller closes it. */
    public Upload upload() {
        return new Upload(kernels, like);
    }

    /** A pass whose inputs are on their way to the device. */
    public final class Pass {
        private final Upload.Part latents;
        private final Upload.Part timesteps;
        private final TextConditioning.Ready text;
        private final Upload.@Nullable Part sizes;

        private Pass(Upload upload, NoisyLatents noisy, Conditioning conditioning) {
            latents = upload.add(noisy.values(), noisy.shape());
            timesteps = upload.add(noisy.timesteps(), new Shape(noisy.timesteps().length));
            text = conditioning.text().prepare(upload);
            sizes = conditioning.prepareSizes(unet, upload);
        }

        /** The prediction, once the upload was sent. */
        public Activation predict(Tape tape) {
            Conditions conditions = text.on(tape);
            UNet.AddedConditions added = Conditioning.added(conditions.pooled(), sizes);
            return unet.forward(tape, latents.array(), timesteps.array(), conditions.states(), added);
        }
    }

    /** Adds what a pass takes to what is sent to the device. */
    public Pass pass(Upload upload, NoisyLatents noisy, Conditioning conditioning) {
        return new Pass(upload, noisy, conditioning);
    }

    @Override
    public float[] predict(NoisyLatents noisy, Conditioning conditioning) {
        try (Tape tape = Tape.inference(kernels, kernels.manager());
                Upload upload = upload()) {
            Pass pass = pass(upload, noisy, conditioning);
            upload.send(tape.scope());
            return HostCopy.floats(pass.predict(tape).value());
        }
    }
}
