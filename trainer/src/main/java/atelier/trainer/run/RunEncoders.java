package atelier.trainer.run;

import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.weights.name.Component;
import atelier.trainer.cache.CacheFolder;
import atelier.trainer.prepare.InitialAdapter;
import atelier.trainer.prepare.LatentCache;
import atelier.trainer.prepare.ModelDigests;
import atelier.trainer.prepare.TextCache;
import java.io.IOException;

/**
 * A model's encoders as a run uses them, and what their results are kept under: the same wherever pictures and captions are
 * encoded for it.
 */
record RunEncoders(TrainingSettings settings, StableDiffusion model, ModelDigests digests, InitialAdapter initial) {
    /** Sets the model to encode in train.cache_dtype. */
    static RunEncoders of(TrainingSettings settings, StableDiffusion model) {
        Precision cached = settings.train().cacheDtype();
        if (cached != null) {
            model.encodeIn(cached, "train.cache_dtype");
        }
        return new RunEncoders(
                settings,
                model,
                new ModelDigests(model.checkpoint(), settings.train().cacheDir()),
                new InitialAdapter(settings.adapter().initFrom()));
    }

    LatentCache latents(CacheFolder disk) throws IOException {
        return new LatentCache(
                model,
                disk,
                digests.of(Component.VAE) + model.autoencoderPrecision(),
                settings.data().decoding());
    }

    TextCache texts(CacheFolder disk) throws IOException {
        String encoders = digests.of(Component.TEXT_ENCODER, Component.TEXT_ENCODER_2)
                + model.textPrecision()
                + digests.ofTokenizers();
        return new TextCache(
                model,
                disk,
                changesText() ? encoders + initial.digest() : encoders,
                settings.data().captionWindows());
    }

    /** Whether the text encoders are changed, in training or by what it starts from: captions are then encoded late. */
    boolean changesText() throws IOException {
        return settings.trainsText() || initial.changesText(model.checkpoint());
    }

    /** SHA-256 over all networks of the model. */
    String modelDigest() throws IOException {
        return digests.of(Component.values());
    }
}
