package atelier.inference.draw;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Activation;
import atelier.diffusion.tensor.HostCopy;
import atelier.diffusion.tensor.Tape;
import atelier.diffusion.text.TextStates;
import atelier.diffusion.unet.TextKeys;
import atelier.diffusion.unet.UNet;
import atelier.inference.request.GuidanceScale;
import atelier.inference.request.ImageRequest;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The network with guidance: one call for the predictions without and with the prompt, side by side in a batch. */
final class GuidedDenoiser implements AutoCloseable {
    private final StableDiffusion model;
    private final Conditioning conditioning;
    private final GuidanceScale guidance;
    private final PictureSize size;
    private final int calls;
    private final int steps;
    private final int count;
    private final float @Nullable [] conditions;
    /** By the texts of a call: prompts may change between steps, and guidance may pause. */
    private final Map<List<TextStates>, TextKeys> keys = new HashMap<>();

    /**
     * @param calls model calls of the whole schedule
     * @param conditions further input channels of all pictures, for inpainting networks; null for none
     */
    GuidedDenoiser(
            StableDiffusion model,
            Conditioning conditioning,
            ImageRequest request,
            PictureSize size,
            int calls,
            float @Nullable [] conditions) {
        this.model = model;
        this.conditioning = conditioning;
        this.guidance = request.sampling().guidance();
        this.size = size;
        this.calls = calls;
        this.steps = request.sampling().steps();
        this.count = request.seeds().size();
        this.conditions = conditions;
    }

    /**
     * The guided prediction.
     *
     * @param latents of all pictures, as the sampler scaled them
     */
    float[] predict(int call, float[] latents, double timestep) {
        int step = call * steps / calls;
        TextStates with = conditioning.with(step);
        if (!guidance.active(call, calls)) {
            return run(input(latents), timestep, with);
        }
        float[] both = run(twice(input(latents)), timestep, conditioning.without(step), with);
        float[] without = Arrays.copyOfRange(both, 0, latents.length);
        float[] prompted = Arrays.copyOfRange(both, latents.length, both.length);
        return guidance.apply(without, prompted, latents.length / count);
    }

    private float[] input(float[] latents) {
        if (conditions == null) {
            return latents;
        }
        int own = latents.length / count;
        int further = conditions.length / count;
        float[] joined = new float[latents.length + conditions.length];
        for (int image = 0; image < count; image++) {
            int at = image * (own + further);
            System.arraycopy(latents, image * own, joined, at, own);
            System.arraycopy(conditions, image * further, joined, at + own, further);
        }
        return joined;
    }

    private static float[] twice(float[] values) {
        float[] twice = Arrays.copyOf(values, 2 * values.length);
        System.arraycopy(values, 0, twice, values.length, values.length);
        return twice;
    }

    /** One forward pass; each of {@code texts} goes with as many pictures. */
    private float[] run(float[] input, double timestep, TextStates... texts) {
        int batch = count * texts.length;
        try (Tape tape = Tape.inference(model.kernels(), model.kernels().manager())) {
            NDManager scope = tape.scope();
            int channels = input.length / batch / size.latentPlane();
            NDArray latents =
                    StableDiffusion.array(scope, input, batch, channels, size.latentHeight(), size.latentWidth());
            float[] times = new float[batch];
            Arrays.fill(times, (float) timestep);
            UNet unet = model.unet();
            TextKeys text = keys.computeIfAbsent(List.of(texts), made -> keys(unet, scope, texts));
            UNet.AddedConditions added = unet.config().textTime() ? added(tape, texts) : null;
            Activation output = unet.forward(tape, latents, StableDiffusion.array(scope, times, batch), text, added);
            return HostCopy.floats(output.value());
        }
    }

    private TextKeys keys(UNet unet, NDManager scope, TextStates... texts) {
        NDArray states = StableDiffusion.array(
                scope,
                repeated(texts, TextStates::states),
                (long) count * texts.length,
                texts[0].tokens(),
                texts[0].width());
        return unet.keys(model.kernels(), states);
    }

    /** SDXL's pooled text, and sizes: the picture's own, uncropped. */
    private UNet.AddedConditions added(Tape tape, TextStates... texts) {
        int batch = count * texts.length;
        int width = texts[0].pooled().length;
        float[] sizes = new float[6 * batch];
        for (int i = 0; i < batch; i++) {
            sizes[6 * i] = size.height();
            sizes[6 * i + 1] = size.width();
            sizes[6 * i + 4] = size.height();
            sizes[6 * i + 5] = size.width();
        }
        return new UNet.AddedConditions(
                tape.input(StableDiffusion.array(tape.scope(), repeated(texts, TextStates::pooled), batch, width)),
                StableDiffusion.array(tape.scope(), sizes, batch, 6));
    }

    private float[] repeated(TextStates[] texts, Function<TextStates, float[]> part) {
        int own = part.apply(texts[0]).length;
        float[] values = new float[count * texts.length * own];
        for (int i = 0; i < count * texts.length; i++) {
            System.arraycopy(part.apply(texts[i / count]), 0, values, i * own, own);
        }
        return values;
    }

    @Override
    public void close() {
        keys.values().forEach(TextKeys::close);
        keys.clear();
    }
}
