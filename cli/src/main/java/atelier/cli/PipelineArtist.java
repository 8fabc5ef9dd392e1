package atelier.cli;

import atelier.diffusion.model.StableDiffusion;
import atelier.inference.DrawingProgress;
import atelier.inference.ImageRequest;
import atelier.inference.NoiseKind;
import atelier.inference.SamplingSettings;
import atelier.inference.TextToImage;
import atelier.inference.sampler.SamplerKind;
import atelier.trainer.SampleArtist;
import atelier.trainer.SampleSettings;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Draws a training run's samples as {@code generate} would. */
final class PipelineArtist implements SampleArtist {
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
            pictures.addAll(pipeline.draw(request, DrawingProgress.SILENT));
        }
        return pictures;
    }
}
