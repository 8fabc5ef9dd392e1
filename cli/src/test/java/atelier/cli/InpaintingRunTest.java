package atelier.cli;

import static atelier.cli.TinyRuns.largest;
import static org.assertj.core.api.Assertions.assertThat;

import atelier.cli.command.ExitStatus;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training on a base of nine input channels, and drawing with what comes of it. */
class InpaintingRunTest {
    @TempDir
    Path folder;

    private TinyRuns runs;

    @BeforeEach
    void write() throws IOException {
        runs = new TinyRuns(folder, InpaintingBase.write(folder.resolve("model")), 24, 16);
    }

    @Test
    void anInpaintingBaseTrainsOnRandomMasksAndResumesBitForBit() throws IOException {
        runs.train(
                "painted",
                "data.flip=0.5",
                "validation.fraction=0.2",
                "validation.every=2",
                "sample.prompts=[fox]",
                "sample.steps=2");
        SafetensorsFile file = SafetensorsFile.open(runs.adapter("painted"));
        assertThat(largest(file.find("lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q.lora_up.weight")
                        .toFloats()))
                .isPositive();
        BufferedImage samples = ImageIO.read(
                runs.run("painted").resolve("samples/before-after.png").toFile());
        assertThat(samples.getHeight()).isPositive();
        Path resumed = runs.resumed("painted");
        assertThat(Files.readAllBytes(resumed.resolve("adapter.safetensors")))
                .isEqualTo(Files.readAllBytes(runs.adapter("painted")));
        draw("adapter=" + runs.adapter("painted"), "model.path=" + runs.model);
        draw("model.path=" + runs.run("painted").resolve("merged"));
        Path whole = folder.resolve("whole");
        assertThat(runs.run(List.of(
                        "generate",
                        "prompt=fox",
                        "device=cpu",
                        "steps=2",
                        "width=16",
                        "height=16",
                        "seed=3",
                        "hires_scale=2",
                        "model.path=" + runs.model,
                        "out=" + whole)))
                .as(runs.said())
                .isEqualTo(ExitStatus.DONE);
        assertThat(ImageIO.read(whole.resolve("3.png").toFile()).getWidth()).isEqualTo(32);
        assertThat(runs.run(List.of(
                        "generate",
                        "prompt=fox",
                        "model.path=" + runs.model,
                        "init_image=" + folder.resolve("square.png"),
                        "out=" + whole)))
                .isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("the model is an inpainting model: give mask=");
    }

    private void draw(String... keys) throws IOException {
        BufferedImage mask = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 64; i++) {
            mask.setRGB(i % 8 + 4, i / 8 + 4, 0xFFFFFF);
        }
        Path white = folder.resolve("mask.png");
        ImageIO.write(mask, "png", white.toFile());
        Path picture = folder.resolve("square.png");
        ImageIO.write(new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB), "png", picture.toFile());
        Path out = folder.resolve("drawn" + keys.length);
        List<String> words = new ArrayList<>(List.of(
                "generate",
                "prompt=fox",
                "device=cpu",
                "steps=2",
                "width=16",
                "height=16",
                "seed=3",
                "init_image=" + picture,
                "mask=" + white,
                "out=" + out));
        words.addAll(List.of(keys));
        assertThat(runs.run(words)).as(runs.said()).isEqualTo(ExitStatus.DONE);
        assertThat(ImageIO.read(out.resolve("3.png").toFile()).getWidth()).isEqualTo(16);
    }

    @Test
    void thePicturesOwnMasksAreTakenWhereTheyAreAskedFor() throws IOException {
        Path masks = Files.createDirectories(folder.resolve("masks"));
        for (int i = 0; i < 5; i++) {
            BufferedImage mask = new BufferedImage(24, 16, BufferedImage.TYPE_INT_RGB);
            for (int p = 0; p < 24 * 16; p++) {
                mask.setRGB(p % 24, p / 24, p % 24 < 4 + 4 * i ? 0xFFFFFF : 0);
            }
            ImageIO.write(mask, "png", masks.resolve("pairs" + i + ".png").toFile());
        }
        String[] own = {"objective.inpainting_masks=own", "data.mask=file", "data.masks=" + masks};
        runs.train("own", own);
        runs.train("again", own);
        assertThat(Files.readAllBytes(runs.run("own").resolve("metrics.csv"))).isNotEmpty();
        assertThat(runs.state("again")
                        .modules()
                        .values()
                        .iterator()
                        .next()
                        .tensor("lora_up.weight")
                        .toFloats())
                .isEqualTo(runs.state("own")
                        .modules()
                        .values()
                        .iterator()
                        .next()
                        .tensor("lora_up.weight")
                        .toFloats());
        runs.train("random");
        assertThat(runs.state("random")
                        .modules()
                        .values()
                        .iterator()
                        .next()
                        .tensor("lora_up.weight")
                        .toFloats())
                .isNotEqualTo(runs.state("own")
                        .modules()
                        .values()
                        .iterator()
                        .next()
                        .tensor("lora_up.weight")
                        .toFloats());
        assertThat(runs.tryToTrain("none", "objective.inpainting_masks=own")).isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("objective.inpainting_masks = own needs masks: set data.mask = alpha or file");
    }
}
