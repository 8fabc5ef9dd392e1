package atelier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import atelier.cli.command.ExitStatus;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code generate} answers to broken input, and to a signal. */
class GenerateCommandTest {
    @TempDir
    Path folder;

    private TinyRuns runs;

    @BeforeEach
    void writeInput() throws IOException {
        runs = new TinyRuns(folder, "sd1", 16, 16);
        picture("picture.png", 32, 32, Color.RED);
        picture("wide-mask.png", 64, 32, Color.WHITE);
        picture("dark-mask.png", 32, 32, Color.BLACK);
        picture("mask.png", 16, 16, Color.WHITE);
        picture("large-mask.png", 32, 32, Color.WHITE);
        BufferedImage corner = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 16 * 16; i++) {
            corner.setRGB(i % 16, i / 16, 0xFFFFFF);
        }
        ImageIO.write(corner, "png", folder.resolve("corner-mask.png").toFile());
        Files.write(folder.resolve("broken.png"), new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 1, 2, 3});
        Files.writeString(folder.resolve("words.txt"), "no picture");
        Files.writeString(folder.resolve("no-column.csv"), "caption,seed\nfox,1\n");
        Files.writeString(folder.resolve("no-seed.csv"), "prompt,seed\nfox,one\n");
    }

    private void picture(String name, int width, int height, Color colour) throws IOException {
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = picture.createGraphics();
        graphics.setColor(colour);
        graphics.fillRect(0, 0, width, height);
        graphics.dispose();
        ImageIO.write(picture, "png", folder.resolve(name).toFile());
    }

    private List<String> words(String... keys) {
        List<String> words = new ArrayList<>(List.of(
                "generate",
                "model.path=" + runs.model,
                "device=cpu",
                "width=32",
                "height=32",
                "steps=2",
                "safety=off",
                "out=" + folder.resolve("out")));
        for (String key : keys) {
            words.add(key.replace("HERE", folder.toString()));
        }
        return words;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "prompt=fox init_image=HERE/none.png | none.png does not exist | ",
                "prompt=fox init_image=HERE/broken.png | broken.png is a broken picture | save it anew",
                "prompt=fox init_image=HERE/words.txt | words.txt is not a picture | PNG, JPEG and WebP",
                "prompt=fox init_image=HERE/picture.png mask=HERE/broken.png | broken.png is a broken picture | save it anew",
                "prompt=fox init_image=HERE/picture.png mask=HERE/wide-mask.png | is 64x32, another shape | give a mask of its size",
                "prompt=fox init_image=HERE/picture.png mask=HERE/dark-mask.png | dark throughout | paint white",
                "prompt=fox mask=HERE/mask.png | mask needs init_image | the picture that it belongs to",
                "prompt=fox width=33 | multiples of 2, got 33x32 | 34x32 is the nearest size",
                "prompts=HERE/none.csv | none.csv | does not exist",
                "prompts=HERE/no-column.csv | no column 'prompt' | its first line must name",
                "prompts=HERE/no-seed.csv | no-seed.csv line 2 | not a whole number",
                "prompt=fox adapter=HERE/none.safetensors | none.safetensors | does not exist",
                "prompt=fox adapter=HERE/picture.png | picture.png | safetensors",
                "steps=2 | prompt is not set | say what to draw",
            })
    void brokenInputIsAnErrorThatNamesPlaceAndRemedy(String keys, String place, String remedy) {
        ExitStatus status = runs.run(words(keys.split(" ")));
        assertThat(status).as(runs.said()).isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("error: ").contains(place);
        if (remedy != null) {
            assertThat(runs.said()).contains(remedy);
        }
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {
                "{Jane|a} Doe, red",
                "a {fox|fox} by {Jane Doe|Jane Doe}",
                "a fox by __artist__",
                "a {__artist__|__artist__} fox",
                "a fox by Ja<lora:ink:1>ne Doe",
                "a fox <lora:jane_doe_v1:0.8>",
                "a fox <lyco:JaneDoe:0.8>"
            })
    void aNameThatMustNotBeDrawnIsSeenInEveryForm(String prompt) throws IOException { // row 34
        Files.writeString(folder.resolve("policy.csv"), "kind,value\ncreator,\"Doe, Jane\"\n");
        Files.writeString(folder.resolve("artist.txt"), "Jane Doe\n");
        for (String name : List.of("ink", "jane_doe_v1", "JaneDoe")) {
            Files.writeString(folder.resolve(name + ".safetensors"), "x");
        }
        ExitStatus status = runs.run(words(
                "prompt=" + prompt,
                "count=12",
                "adapters.dir=HERE",
                "wildcards.dir=HERE",
                "prompt_policy=HERE/policy.csv"));
        assertThat(status).as(runs.said()).isEqualTo(ExitStatus.REFUSED);
        assertThat(runs.said()).contains("rule prompt-policy");
    }

    @Test
    void whatPromptsAskForAndIsNotThereIsAWrongCommand() { // row 34
        assertThat(runs.run(words("prompt=a <lora:none:1>", "adapters.dir=HERE")))
                .isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("holds no adapter 'none'");
        assertThat(runs.run(words("prompt=a fox AND a crow"))).isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("the prompt has AND");
        assertThat(runs.run(words("prompt=a __colour__ fox"))).isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("wildcards.dir=FOLDER");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void aRandomSeedIsSaidAndNamesThePicture() throws IOException { // row 36
        assertThat(runs.run(words("prompt=a fox", "seed=-1"))).as(runs.said()).isEqualTo(ExitStatus.DONE);
        String name = pictures().get(0).getFileName().toString();
        assertThat(name).matches("\\d+\\.png");
        assertThat(runs.said()).contains("this time it is " + name.replace(".png", ""));
    }

    @Test
    void aSweepDrawsOneRandomSeed() throws IOException { // row 36
        assertThat(runs.run(words("--multirun", "prompt=a fox", "seed=-1", "sampler=ddim,euler")))
                .as(runs.said())
                .isEqualTo(ExitStatus.DONE);
        try (Stream<Path> files = Files.walk(folder.resolve("out"))) {
            List<String> names = files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches("\\d+\\.png"))
                    .toList();
            assertThat(names).hasSize(2);
            assertThat(names.get(0)).isEqualTo(names.get(1));
            assertThat(runs.said())
                    .contains("in this sweep it is " + names.get(0).replace(".png", ""));
        }
    }

    @Test
    void anAdapterOfAnotherFamilyIsRefused() throws IOException {
        TinyRuns other = new TinyRuns(Files.createDirectory(folder.resolve("other")), "sd2", 16, 16);
        other.train("wide");
        assertThat(runs.run(words("prompt=fox", "adapter=" + other.adapter("wide"))))
                .isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said()).contains("error: ", "adapter.safetensors");
    }

    @Test
    void aSmallMaskIsBroughtToThePicturesSize() throws IOException {
        int[] small = painted("mask.png");
        assertThat(small).isEqualTo(painted("large-mask.png"));
        // One in the corner alone would leave the rest of the picture as it is.
        assertThat(small[31 * 32 + 31]).isNotEqualTo(painted("corner-mask.png")[31 * 32 + 31]);
    }

    /** The pixels that come of painting within a mask. */
    private int[] painted(String mask) throws IOException {
        List<String> keys = words("prompt=fox", "init_image=HERE/picture.png", "mask=HERE/" + mask);
        assertThat(runs.run(keys)).as(runs.said()).isEqualTo(ExitStatus.DONE);
        Path out = folder.resolve("out/0.png");
        int[] pixels = ImageIO.read(out.toFile()).getRGB(0, 0, 32, 32, null, 0, 32);
        Files.delete(out);
        return pixels;
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    @Timeout(value = 3, unit = TimeUnit.MINUTES)
    void aSignalEndsBetweenStepsAndWhatIsFinishedStays() throws Exception {
        assumeThat(ignoresInterrupts())
                .as("interrupts are ignored by what a shell runs in the background")
                .isFalse();
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Datelier.root=" + System.getProperty("atelier.root", ".."),
                "-cp",
                System.getProperty("java.class.path"),
                "atelier.cli.Atelier"));
        command.addAll(words("prompt=fox", "count=5000"));
        Path said = folder.resolve("said.txt");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            while (process.isAlive() && pictures().size() < 2) {
                Thread.sleep(50);
            }
            new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                    .start()
                    .waitFor();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        String text = Files.readString(said, StandardCharsets.UTF_8);
        assertThat(process.exitValue()).as(text).isEqualTo(130);
        assertThat(text)
                .contains("interrupted; what is finished stays: " + pictures().size() + " files in ");
        for (Path picture : pictures()) {
            assertThat(ImageIO.read(picture.toFile()).getWidth()).isEqualTo(32);
        }
    }

    /** Linux says so; elsewhere they are taken to arrive. A process inherits it, and Java leaves it as it is. */
    private static boolean ignoresInterrupts() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return false;
        }
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("SigIgn:"))
                    .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 2) != 0);
        }
    }

    private List<Path> pictures() throws IOException {
        Path out = folder.resolve("out");
        if (!Files.exists(out)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(out)) {
            return files.filter(file -> file.toString().endsWith(".png")).toList();
        }
    }
}
