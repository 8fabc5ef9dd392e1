package atelier.studio.draw;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.error.RefusedException;
import atelier.common.error.WrongCommandException;
import atelier.common.image.Pictures;
import atelier.inference.picture.PictureFile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the worker draws, on the tiny model, beside what generate draws. */
@Timeout(120)
class DrawingsTest {
    @TempDir
    Path folder;

    private TinyStudio studio;
    private Drawings drawings;

    @BeforeEach
    void start() {
        studio = new TinyStudio(folder, DrawRoutes::new);
        drawings = studio.drawings();
    }

    @AfterEach
    void stop() {
        studio.close();
    }

    private static Map<String, Object> set(Object... pairs) {
        Map<String, Object> set = new HashMap<>(TinyStudio.FAST);
        for (int i = 0; i < pairs.length; i += 2) {
            set.put((String) pairs[i], pairs[i + 1]);
        }
        return set;
    }

    private Drawing ask(Map<String, Object> set) throws IOException {
        return drawings.draw(new AskedDrawing("api", null, set, Map.of(), null));
    }

    private Drawing drawn(Map<String, Object> set) throws IOException, InterruptedException {
        Drawing drawing = ask(set);
        assertThat(drawing.await(60)).isTrue();
        assertThat(drawing.fault()).isEmpty();
        assertThat(drawing.state()).isEqualTo(DrawingState.DONE);
        return drawing;
    }

    @Test
    void aPictureIsTheOneOfGenerateByteForByteWhateverWasDrawnBefore() throws Exception {
        Path style = studio.adapter("style", 1);
        studio.adapter("other", 2);
        drawn(set("prompt", "a dog", "seed", 1, "adapters", List.of("other:0.5")));
        Drawing plain = drawn(set("prompt", "a fox", "seed", 7));
        Drawing adapted = drawn(set("prompt", "a fox", "seed", 7, "adapters", List.of("style:0.7")));
        Drawing tagged = drawn(set("prompt", "a fox <lora:style:0.7>", "seed", 7));
        Path alone = studio.generate("plain", "prompt=a fox", "seed=7").resolve("7.png");
        Path with = studio.generate("style", "prompt=a fox", "seed=7", "adapters=[" + style + ":0.7]")
                .resolve("7.png");
        assertThat(plain.pictures().get(0).file()).hasSameBinaryContentAs(alone);
        assertThat(adapted.pictures().get(0).file()).hasSameBinaryContentAs(with);
        assertThat(tagged.pictures().get(0).file()).hasSameBinaryContentAs(with);
        assertThat(Files.mismatch(alone, with)).isNotNegative();
    }

    @Test
    void theAdapterOfASavedStepIsDrawnWithByItsName() throws Exception {
        Path run = Files.createDirectories(folder.resolve("runs/style"));
        Path state = Files.createDirectories(run.resolve("state/step-000100"));
        Path file = TinyStudio.adapter(state, 3);
        String name = "style/state/step-000100";
        Drawing picture = drawn(set("prompt", "a fox", "seed", 7, "adapters", List.of(name + ":0.7")));
        Path alone = studio.generate("saved", "prompt=a fox", "seed=7", "adapters=[" + file + ":0.7]")
                .resolve("7.png");
        assertThat(picture.pictures().get(0).file()).hasSameBinaryContentAs(alone);
        for (String wrong : List.of("style/state/step-000200", "../style/state/step-000100", "style/state/../state")) {
            assertThatThrownBy(() -> ask(set("prompt", "a fox", "adapters", List.of(wrong))))
                    .hasMessageContaining("there is no adapter");
        }
    }

    @Test
    void anAdapterThatWasWrittenAnewIsReadAnew() throws Exception {
        studio.adapter("style", 1);
        drawn(set("prompt", "a fox", "adapters", List.of("style")));
        Path file = studio.adapter("style", 2);
        Drawing again = drawn(set("prompt", "a fox", "adapters", List.of("style")));
        Path alone = studio.generate("again", "prompt=a fox", "adapter=" + file).resolve("0.png");
        assertThat(again.pictures().get(0).file()).hasSameBinaryContentAs(alone);
    }

    @Test
    void theSecondPictureBeginsAtOnce() throws Exception {
        drawn(set("prompt", "a fox"));
        Drawing second = drawn(set("prompt", "an owl"));
        Duration waited = Duration.between(second.asked(), second.started().orElseThrow());
        assertThat(waited).isLessThan(Duration.ofMillis(500)); // 5 ms on a machine that does nothing else
    }

    @Test
    void aDrawingIsInterruptedBetweenTwoStepsAndKeepsWhatIsFinished() throws Exception {
        Drawing drawing = ask(set("prompt", "a fox", "steps", 20, "count", 50));
        while (drawing.pictures().isEmpty()) {
            Thread.sleep(5);
        }
        drawing.interrupt();
        assertThat(drawing.await(60)).isTrue();
        assertThat(drawing.state()).isEqualTo(DrawingState.INTERRUPTED);
        assertThat(drawing.pictures()).hasSizeBetween(1, 49);
        drawn(set("prompt", "a fox"));
    }

    @Test
    void aPictureThatIsSkippedIsLeftOutAndTheNextOnesAreDrawn() throws Exception {
        Drawing drawing = ask(set("prompt", "a fox", "seed", 3, "steps", 60, "count", 3));
        while (drawing.pictures().isEmpty() || drawing.step() < 2) {
            Thread.sleep(1);
        }
        drawing.skip();
        assertThat(drawing.await(60)).isTrue();
        assertThat(drawing.state()).isEqualTo(DrawingState.DONE);
        assertThat(drawing.pictures()).extracting(DrawnPicture::seed).containsExactly(3L, 5L);
    }

    @Test
    void drawingWaitsWhileARunTrains() throws Exception {
        studio.trains.set(true);
        Drawing drawing = ask(set("prompt", "a fox"));
        while (studio.events.isEmpty()) {
            Thread.sleep(5);
        }
        assertThat(drawing.state()).isEqualTo(DrawingState.WAITING);
        assertThat(studio.events)
                .last()
                .satisfies(event -> assertThat(event.path("state").asText()).isEqualTo("waiting"));
        studio.trains.set(false);
        assertThat(drawing.await(60)).isTrue();
        assertThat(drawing.state()).isEqualTo(DrawingState.DONE);
    }

    @Test
    void aFullQueueRefusesAndLeavesNothingBehind() throws Exception {
        studio.trains.set(true);
        List<Drawing> waiting = new ArrayList<>();
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100; i++) {
                        waiting.add(ask(set("prompt", "a fox")));
                    }
                })
                .isInstanceOf(QueueFullException.class)
                .hasMessageContaining("drawings wait already");
        assertThat(waiting).hasSizeBetween(16, 17);
        assertThat(drawings.ids()).hasSameSizeAs(waiting);
        assertThat(studio.post("/api/v1/draws", "{\"set\": {\"prompt\": \"a fox\"}}")
                        .status())
                .isEqualTo(503);
    }

    @Test
    void closingEndsWhatIsAtWorkAndWhatWaits() throws Exception {
        Drawing first = ask(set("prompt", "a fox", "steps", 500, "count", 100));
        Drawing second = ask(set("prompt", "a fox"));
        while (first.state() != DrawingState.DRAWING) {
            Thread.sleep(5);
        }
        drawings.close();
        assertThat(first.state()).isEqualTo(DrawingState.INTERRUPTED);
        assertThat(second.state()).isEqualTo(DrawingState.INTERRUPTED);
    }

    @Test
    void aGridHoldsStrengthZeroOnceAndCallsEqualCellsOut() throws Exception {
        Path file = studio.adapter("one", 1);
        Files.createDirectories(folder.resolve("runs/two"));
        Files.copy(file, folder.resolve("runs/two/adapter.safetensors"));
        studio.adapter("three", 3);
        GridLayout grid = GridLayout.of(List.of("one", "two", "three"), List.of(1.0, 0.5));
        Drawing drawing = drawings.draw(new AskedDrawing(
                "api", null, set("prompt", "a fox", "seed", 7, "adapters", grid.rows()), Map.of(), grid));
        assertThat(drawing.await(60)).isTrue();
        assertThat(drawing.state()).isEqualTo(DrawingState.DONE);
        assertThat(grid.columns()).containsExactly(0.0, 0.5, 1.0);
        assertThat(drawing.pictures()).hasSize(7);
        Path base = studio.generate("base", "prompt=a fox", "seed=7").resolve("7.png");
        assertThat(drawing.pictures().get(0).file()).hasSameBinaryContentAs(base);
        Path half = studio.generate("half", "prompt=a fox", "seed=7", "adapters=[" + file + ":0.5]")
                .resolve("7.png");
        assertThat(drawing.pictures().get(grid.picture(0, 1)).file()).hasSameBinaryContentAs(half);
        List<List<int[]>> equal = grid.equal(drawing.pictures());
        assertThat(equal)
                .extracting(group -> group.stream().map(Arrays::toString).toList())
                .containsExactly(List.of("[0, 1]", "[1, 1]"), List.of("[0, 2]", "[1, 2]"));
    }

    @Test
    void aPromptThatNamesACreatorWhoOptedOutIsRefusedWithListAndLine() throws Exception {
        studio.adapter("style", 1);
        Path list = Files.writeString(
                folder.resolve("optout.jsonl"), "{\"id\": \"1\", \"kind\": \"creator\", \"value\": \"Jo Example\"}\n");
        Files.writeString(folder.resolve("runs/style/resolved.conf"), "optout { manifests = [\"" + list + "\"] }\n");
        assertThatThrownBy(() -> ask(set("prompt", "a fox by Jo Example", "adapters", List.of("style"))))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("optout.jsonl line 1 opts out");
        TinyStudio.Answer answer = studio.post(
                "/api/v1/draws", "{\"set\": {\"prompt\": \"a fox by Jo Example\", \"adapters\": [\"style\"]}}");
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.json().path("error").path("message").asText()).contains("optout.jsonl line 1");
        assertThat(drawings.ids()).isEmpty();
    }

    @Test
    void namesAndKeysThatAreNotThereAreAnsweredWithTheNearest() throws IOException {
        studio.adapter("style", 1);
        assertThatThrownBy(() -> ask(set("prompt", "a fox", "adapters", List.of("stile:0.5"))))
                .isInstanceOf(WrongCommandException.class)
                .hasMessageContaining("there is no adapter 'stile'; did you mean style?");
        assertThatThrownBy(() -> ask(set("prompt", "a fox <lora:stile:1>")))
                .hasMessageContaining("prompt: there is no adapter 'stile'; did you mean style?");
        assertThatThrownBy(() -> ask(set("prompt", "a fox", "step", 3)))
                .hasMessageContaining("'step': is no key that a request to draw may set; did you mean steps");
        assertThatThrownBy(() -> ask(set("prompt", "a fox", "steps", "many"))).hasMessageContaining("steps");
        assertThatThrownBy(() -> ask(set("prompt", "a fox", "width", 100_000)))
                .hasMessageContaining("width must be at most 4096 pixels");
        for (String key : List.of("out", "prompts", "adapters_dir", "model.path", "prompt_policy", "wildcards.dir")) {
            assertThatThrownBy(() -> ask(set("prompt", "a fox", key, "/etc")))
                    .as(key)
                    .hasMessageContaining("'" + key + "': is no key that a request to draw may set");
        }
    }

    @Test
    void thePictureAtWorkIsShown() throws Exception {
        Drawing drawing = ask(set("prompt", "a fox", "steps", 400));
        BufferedImage shown = null;
        while (shown == null && !drawing.state().ended()) {
            shown = drawing.preview(1000).orElse(null);
        }
        drawing.interrupt();
        assertThat(shown).isNotNull();
        assertThat(shown.getWidth()).isEqualTo(32);
    }

    @Test
    void aPictureIsDrawnAgainFromItsRecordOverHttp() throws Exception {
        Drawing first = drawn(set("prompt", "a fox", "seed", 11));
        String base64 = Base64.getEncoder()
                .encodeToString(Files.readAllBytes(first.pictures().get(0).file()));
        for (String from : List.of(base64, "draws/" + first.id() + "/11.png")) {
            TinyStudio.Answer asked =
                    studio.post("/api/v1/draws", "{\"set\": {\"safety\": \"off\"}, \"from_image\": \"" + from + "\"}");
            assertThat(asked.status()).as(asked.json().toString()).isEqualTo(202);
            String id = asked.json().path("id").asText();
            Drawing again = drawings.find(id).orElseThrow();
            assertThat(again.await(60)).isTrue();
            assertThat(again.pictures().get(0).file())
                    .hasSameBinaryContentAs(first.pictures().get(0).file());
            TinyStudio.Answer told = studio.get("/api/v1/draws/" + id);
            assertThat(told.json().path("state").asText()).isEqualTo("done");
            assertThat(told.json()
                            .path("files")
                            .get(0)
                            .path("record")
                            .path("seed")
                            .asLong())
                    .isEqualTo(11);
            assertThat(studio.delete("/api/v1/draws/" + id).status()).isEqualTo(200);
            assertThat(studio.get("/api/v1/draws/" + id).status()).isEqualTo(404);
        }
    }

    @Test
    void aPictureIsStartedFromOneThatWasSent() throws Exception {
        BufferedImage picture = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 32 * 32; i++) {
            picture.setRGB(i % 32, i / 32, i * 4099);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(picture, "png", bytes);
        Path file = Files.write(folder.resolve("start.png"), bytes.toByteArray());
        Drawing drawing = drawings.draw(new AskedDrawing(
                "api",
                null,
                set("prompt", "a fox", "strength", 0.6),
                Map.of("init_image", SentPicture.of("init_image", bytes.toByteArray())),
                null));
        assertThat(drawing.await(60)).isTrue();
        Path alone = studio.generate("begun", "prompt=a fox", "strength=0.6", "init_image=" + file)
                .resolve("0.png");
        BufferedImage drawn = PictureFile.read(drawing.pictures().get(0).file());
        BufferedImage expected = PictureFile.read(alone);
        assertThat(Pictures.of(drawn).rgb()).isEqualTo(Pictures.of(expected).rgb());
    }

    @Test
    void filesOutsideADrawingAreNotServed() throws Exception {
        Drawing first = drawn(set("prompt", "a fox"));
        Path secret = Files.writeString(folder.resolve("secret.png"), "secret");
        Files.createSymbolicLink(first.folder().resolve("link.png"), secret);
        for (String path : List.of(
                first.id() + "/files/link.png",
                first.id() + "/files/draw.json",
                first.id() + "/files/..%2f..%2fsecret.png",
                "..%2f..%2f" + "/files/secret.png")) {
            assertThat(studio.get("/api/v1/draws/" + path).status()).as(path).isBetween(400, 404);
        }
    }
}
