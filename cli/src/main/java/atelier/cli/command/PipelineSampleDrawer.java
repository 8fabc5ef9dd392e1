package atelier.cli.command;

import atelier.common.work.StopSignal;
import atelier.common.work.StoppedException;
import atelier.diffusion.model.StableDiffusion;
import atelier.inference.draw.TextToImage;
import atelier.inference.request.ImageRequest;
import atelier.inference.request.NoiseKind;
import atelier.inference.request.SamplingSettings;
import atelier.inference.sampler.schedule.SamplerKind;
import atelier.trainer.listen.SampleDrawer;
import atelier.trainer.listen.SampleSettings;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;

/** Draws a training run's samples as {@code generate} would. */
final class PipelineSampleDrawer implements SampleDrawer {
    @Override
    public List<BufferedImage> draw(StableDiffusion model, SampleSettings settings) throws IOException {
        TextToImage pipeline = new TextToImage(model);
        SamplingSettings sampling = new SamplingSettings(
                settings.steps(),
                SamplerKind.of(settings.sampler()),
                null,
                null,
                settings.guidanceScale(),
                0,
                0,
                1,
                0,
                NoiseKind.TORCH);
        List<BufferedImage> pictures = new ArrayList<>();
        int side = pipeline.nativeSize();
        long seed = settings.seed();
        for (String prompt : settings.prompts()) {
            ImageRequest request = new ImageRequest(
                    prompt, settings.negativePrompt(), List.of(seed++), side, side, sampling, null, null);
            try {
                pictures.addAll(pipeline.draw(request, (done, all, latents) -> !StopSignal.isHeard()));
            } catch (CancellationException e) {
                throw new StoppedException();
            }
        }
        return pictures;
    }
}
