package atelier.cli.embedding;

import atelier.diffusion.model.Devices;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Precision;
import atelier.inference.draw.DrawingProgress;
import atelier.inference.draw.ModelSession;
import atelier.inference.draw.TextToImage;
import atelier.inference.request.AdapterChoice;
import atelier.inference.request.ImageRequest;
import atelier.inference.request.NoiseKind;
import atelier.inference.request.SamplingSettings;
import atelier.inference.sampler.schedule.SamplerKind;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/** Draws an image with a model and any number of adapters: MODEL PROMPT IMAGE.png [FILE:WEIGHT ...]. */
public final class DrawImage {
    private DrawImage() {}

    public static void main(String[] arguments) throws IOException {
        List<AdapterChoice> adapters =
                Stream.of(arguments).skip(3).map(AdapterChoice::parse).toList();
        SamplingSettings sampling =
                new SamplingSettings(10, SamplerKind.DPMPP_2M, null, null, 7.5, 0, 0, 1, 0, NoiseKind.TORCH);

        try (Kernels kernels = Kernels.load(Devices.of("cpu"));
                ModelSession session =
                        ModelSession.open(Path.of(arguments[0]), List.of(adapters), kernels, Precision.FP32)) {
            TextToImage pipeline = new TextToImage(session.model());
            int side = pipeline.nativeSize();
            ImageRequest request = new ImageRequest(arguments[1], "", List.of(7L), side, side, sampling, null, null);
            BufferedImage image = pipeline.draw(request, DrawingProgress.SILENT).get(0);
            ImageIO.write(image, "png", Path.of(arguments[2]).toFile());
        }
    }
}
