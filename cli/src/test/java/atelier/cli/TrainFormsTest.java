package atelier.cli;

import static atelier.cli.TinyRuns.floats;
import static atelier.cli.TinyRuns.largest;
import static atelier.cli.TinyRuns.weight;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import atelier.cli.command.ExitStatus;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.adapter.file.PeftWriter;
import atelier.diffusion.adapter.math.AdapterArithmetic;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.DType;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.TensorSource;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a run can teach beside a UNet's adapter: text encoders, whole weights, another prediction, another's adapter. */
class TrainFormsTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"sd1, fp32, lora_te_", "sd1, bf16, lora_te_", "sdxl, fp32, lora_te1_ lora_te2_"})
    void textEncodersTrainTooAndResumeBitForBit(String model, String dtype, String prefixes) throws IOException {
        TinyRuns runs = new TinyRuns(folder, model, 24, 16);
        runs.train(
                "words",
                "model.dtype=" + dtype,
                "adapter.text_encoders=true",
                "optimizer.text_encoder_lr=3e-3",
                "data.flip=0.5",
                "data.crop=random",
                "sample.prompts=[fox]",
                "sample.steps=2",
                "train.steps=4");
        SafetensorsFile file = SafetensorsFile.open(runs.adapter("words"));
        for (String prefix : prefixes.split(" ")) {
            String name = prefix + "text_model_encoder_layers_0_self_attn_q_proj.lora_up.weight";
            assertThat(largest(file.find(name).toFloats())).as(name).isPositive();
        }
        assertThat(file.tensors().keySet()).anyMatch(name -> name.startsWith("lora_unet_"));
        assertThat(file.metadata()).containsEntry("ss_text_encoder_lr", "0.003");
        String changed = "text_model.encoder.layers.0.mlp.fc1.weight";
        for (Component network : List.of(Component.TEXT_ENCODER, Component.TEXT_ENCODER_2)) {
            if (runs.base().has(network)) {
                assertThat(weight(runs.merged("words"), network, changed))
                        .isNotEqualTo(weight(runs.base(), network, changed));
            }
        }
        BufferedImage samples = ImageIO.read(
                runs.run("words").resolve("samples/before-after.png").toFile());
        assertThat(samples.getHeight()).isGreaterThan(samples.getWidth());
        Path resumed = runs.resumed("words");
        assertThat(Files.readAllBytes(resumed.resolve("adapter.safetensors")))
                .isEqualTo(Files.readAllBytes(runs.adapter("words")));
    }

    @Test
    void theTextEncodersRateIsTheirOwn() throws IOException {
        TinyRuns runs = new TinyRuns(folder, "sd1", 16, 16);
        // One step of Lion moves every number by the rate.
        runs.train(
                "words",
                "adapter.text_encoders=true",
                "optimizer=lion",
                "optimizer.lr=1e-2",
                "optimizer.weight_decay=0",
                "optimizer.text_encoder_lr=2e-3",
                "train.steps=1",
                "+adapter.rates.\"text_encoder.text_model.encoder.layers.1.*\"=0.5");
        AdapterState state = runs.state("words");
        String q = ".self_attn.q_proj";
        Map<String, ModuleState> words = state.of(Component.TEXT_ENCODER);
        assertThat(largest(floats(words.get("text_model.encoder.layers.0" + q), "lora_up.weight")))
                .isCloseTo(2e-3, within(1e-8));
        assertThat(largest(floats(words.get("text_model.encoder.layers.1" + q), "lora_up.weight")))
                .isCloseTo(1e-3, within(1e-8));
        assertThat(largest(floats(
                        state.of(Component.UNET).get("mid_block.attentions.0.transformer_blocks.0.attn1.to_q"),
                        "lora_up.weight")))
                .isCloseTo(1e-2, within(1e-7));
    }

    @Test
    void aWholeUnetTrainsAndResumesBitForBit() throws IOException {
        TinyRuns runs = new TinyRuns(folder, "sd1", 16, 16);
        runs.train("whole", "train.full_finetune=true", "optimizer.lr=1e-3");
        assertThat(runs.adapter("whole")).doesNotExist();
        for (String name : List.of("conv_in.weight", "down_blocks.0.resnets.0.norm1.bias", "conv_out.bias")) {
            assertThat(weight(runs.merged("whole"), Component.UNET, name))
                    .isNotEqualTo(weight(runs.base(), Component.UNET, name));
        }
        Map<String, byte[]> whole = TinyRuns.bytes(runs.run("whole").resolve("merged"));
        assertThat(TinyRuns.bytes(runs.resumed("whole").resolve("merged"))).containsExactlyEntriesOf(whole);
        assertThat(runs.tryToTrain("half", "train.full_finetune=true", "model.dtype=bf16"))
                .isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("model.dtype must be fp32 with train.full_finetune");
    }

    @ParameterizedTest
    @CsvSource({"lora, sdxl", "dora, sd1", "loha, sd1", "lokr, sd1", "full, sd1", "locon, sd1"})
    void aRunGoesOnFromAnAdapterFileOfAnyMethod(String method, String model) throws IOException {
        TinyRuns runs = new TinyRuns(folder, model, 16, 16);
        runs.train("first", "adapter=" + method, "adapter.text_encoders=true", "optimizer.lr=1e-2");
        goesOnUnchanged(runs, runs.adapter("first"), runs.state("first"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"peft", "diffusers"})
    void aRunGoesOnFromFilesInOtherForms(String form) throws IOException {
        TinyRuns runs = new TinyRuns(folder, "sd1", 16, 16);
        runs.train("first", "adapter=dora");
        AdapterState state = runs.state("first");
        Path file = folder.resolve(form.equals("peft") ? "adapter" : "pytorch_lora_weights.safetensors");
        if (form.equals("peft")) {
            Files.createDirectories(file);
            PeftWriter.folder(state, file, DType.F32, Map.of());
        } else {
            PeftWriter.diffusers(state, file, DType.F32, Map.of());
        }
        goesOnUnchanged(runs, file, state);
    }

    /** With a rate that moves nothing the merged weights are those of base and file, also where the encoders rest. */
    private static void goesOnUnchanged(TinyRuns runs, Path file, AdapterState state) throws IOException {
        runs.train(
                "second",
                "adapter.init_from=" + file,
                "optimizer.lr=1e-30",
                "optimizer.weight_decay=0",
                "train.steps=2");
        Checkpoint base = runs.base();
        for (Component network : state.components()) {
            Map<String, TensorSource> expected = AdapterArithmetic.merged(
                    base.component(network),
                    network,
                    List.of(new AdapterArithmetic.Weighted(state, AdapterArithmetic.Strength.all(1))));
            for (String path : state.of(network).keySet()) {
                float[] actual = weight(runs.merged("second"), network, path + ".weight");
                float[] wanted = expected.get(path + ".weight").view().toFloats();
                assertThat(actual).as(path).containsExactly(wanted, within(2e-6f));
            }
        }
        assertThat(runs.state("second").modules().keySet())
                .isEqualTo(state.modules().keySet());
        runs.train("third", "adapter.init_from=" + file, "optimizer.lr=1e-2");
        assertThat(Files.readAllBytes(runs.adapter("third"))).isNotEqualTo(Files.readAllBytes(runs.adapter("second")));
        assertThat(Files.readAllBytes(runs.resumed("third").resolve("adapter.safetensors")))
                .isEqualTo(Files.readAllBytes(runs.adapter("third")));
    }

    @ParameterizedTest
    @CsvSource({"v_prediction, true", "v_prediction, false", "sample, true", "sample, false"})
    void generateDrawsWithMergedModelAndAdapterWhatTheRunDrewAtItsEnd(String prediction, boolean zero)
            throws IOException {
        TinyRuns runs = new TinyRuns(folder, "sd1", 16, 16);
        runs.train(
                "taught",
                "objective.prediction_type=" + prediction,
                "objective.zero_terminal_snr=" + zero,
                "sample.prompts=[\"a fox\"]",
                "sample.seed=3",
                "sample.steps=3",
                "sample.guidance_scale=2",
                "sample.strength=1",
                "sample.sampler=ddim");
        Path merged = runs.run("taught").resolve("merged");
        String scheduler = Files.readString(merged.resolve("scheduler/scheduler_config.json"));
        assertThat(scheduler).containsPattern("\"prediction_type\"\\s*:\\s*\"" + prediction + "\"");
        assertThat(scheduler.contains("\"trailing\"")).isEqualTo(zero);
        assertThat(runs.run(List.of(
                        "export", "run=" + runs.run("taught"), "format=[merged]", "out=" + folder.resolve("out"))))
                .as(runs.said())
                .isEqualTo(ExitStatus.DONE);
        assertThat(folder.resolve("out/merged/scheduler/scheduler_config.json")).hasContent(scheduler);
        draw(runs, "model.path=" + merged);
        assertIsTheLastSample(runs.run("taught"), 0);
        draw(runs, "model.path=" + runs.model, "adapter=" + runs.adapter("taught"));
        assertIsTheLastSample(runs.run("taught"), 0);
    }

    @Test
    void samplesAreDrawnAtTheStrengthThatIsAskedFor() throws IOException {
        TinyRuns runs = new TinyRuns(folder, "sd1", 16, 16);
        runs.train(
                "weak",
                "optimizer.lr=1e-2",
                "sample.prompts=[\"a fox\"]",
                "sample.seed=3",
                "sample.steps=3",
                "sample.guidance_scale=2",
                "sample.sampler=ddim",
                "sample.strength=0.5");
        draw(runs, "model.path=" + runs.model, "adapters=[\"" + runs.adapter("weak") + ":0.5\"]");
        assertIsTheLastSample(runs.run("weak"), 1);
        runs.train("dora", "adapter=dora", "sample.prompts=[\"a fox\"]", "sample.steps=3", "sample.strength=0.5");
    }

    @Test
    void captionsThatTheTextEncoderCutsAreToldOf() throws IOException {
        TinyRuns runs = new TinyRuns(folder, "sd1", 16, 16);
        Path pairs = folder.resolve("pairs.csv");
        Files.writeString(pairs, Files.readString(pairs).replace("picture 3", "a fox ".repeat(40)));
        runs.train("cut");
        assertThat(runs.said())
                .contains(
                        "pairs.csv line 5",
                        "160 tokens, of which the last 85 are cut",
                        "set data.max_token_length=225");
        runs.train("whole", "data.max_token_length=225");
        assertThat(runs.said()).doesNotContain("are cut");
    }

    private void draw(TinyRuns runs, String... keys) {
        List<String> arguments = new ArrayList<>(List.of(
                "generate",
                "device=cpu",
                "model.dtype=fp32",
                "prompt=a fox",
                "seed=3",
                "steps=3",
                "guidance_scale=2",
                "sampler=ddim",
                "out=" + folder.resolve("drawn")));
        arguments.addAll(List.of(keys));
        assertThat(runs.run(arguments)).as(runs.said()).isEqualTo(ExitStatus.DONE);
    }

    /**
     * Drawing, an adapter is part of the weights; training, it is beside them: that rounds otherwise.
     *
     * @param allowed what a value of 0 to 255 may differ by
     */
    private void assertIsTheLastSample(Path run, int allowed) throws IOException {
        BufferedImage drawn = ImageIO.read(folder.resolve("drawn/3.png").toFile());
        BufferedImage sample =
                ImageIO.read(run.resolve("samples/step-000004.png").toFile());
        // The grid has a margin of 6 and a caption of 18 pixels.
        for (int y = 0; y < drawn.getHeight(); y++) {
            for (int x = 0; x < drawn.getWidth(); x++) {
                Color expected = new Color(sample.getRGB(x + 6, y + 24));
                Color actual = new Color(drawn.getRGB(x, y));
                assertThat(actual.getRed()).isCloseTo(expected.getRed(), within(allowed));
                assertThat(actual.getGreen()).isCloseTo(expected.getGreen(), within(allowed));
                assertThat(actual.getBlue()).isCloseTo(expected.getBlue(), within(allowed));
            }
        }
    }
}
