package atelier.studio.page;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.studio.draw.DrawRoutes;
import atelier.studio.draw.Drawings;
import atelier.studio.draw.TinyStudio;
import atelier.studio.event.EventRoutes;
import atelier.studio.event.Events;
import atelier.studio.server.StudioServer;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.interactions.Actions;

/** The Draw screen in a browser with a worker behind it, on the tiny model. */
class DrawPageTest {
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final int SIDE = 128;

    @TempDir
    Path folder;

    private final Events events = new Events();
    private Drawings drawings;
    private StudioServer server;
    private Browser browser;

    @BeforeEach
    void start() throws Exception {
        browser = Browser.start();
        drawings = TinyStudio.drawings(folder, () -> false, event -> events.publish("draw", event));
        server = StudioServer.start(
                0,
                List.of(
                        new Screens(new FakeData(), Clock.systemUTC()),
                        new DrawRoutes(drawings),
                        new EventRoutes(events)));
        browser.show(1280, false);
        browser.open(server.link());
        browser.open("http://127.0.0.1:" + server.port() + "/draw");
        for (String each : List.of("width", "height")) {
            browser.find("#" + each).sendKeys(String.valueOf(SIDE));
        }
        browser.driver().executeScript("document.querySelectorAll('details').forEach(e => e.open = true)");
        browser.find("#steps").clear();
        browser.find("#steps").sendKeys("2");
    }

    @AfterEach
    void stop() {
        browser.close();
        events.close();
        drawings.close();
        server.close();
    }

    private void draw(String prompt) {
        browser.find("#prompt").clear();
        browser.find("#prompt").sendKeys(prompt);
        browser.find("#draw-now").click();
    }

    private BufferedImage drawn(int number) throws IOException {
        browser.await("document.querySelectorAll('#strip li').length === " + number, LONG);
        return ImageIO.read(newest().toFile());
    }

    /** The file of the picture that the page shows first. */
    private Path newest() throws IOException {
        String[] address =
                browser.find("#strip li:first-child img").getDomAttribute("src").split("/");
        return drawings.picture(address[4], address[6]).orElseThrow();
    }

    @Test
    void aRefusedPromptIsToldOnThePageWithListAndLine() throws Exception {
        Path run = Files.createDirectories(folder.resolve("runs/demo"));
        Path list = Files.writeString(
                folder.resolve("optout.jsonl"), "{\"id\": \"1\", \"kind\": \"creator\", \"value\": \"Jo Example\"}\n");
        TinyStudio.adapter(run, 1);
        Files.writeString(run.resolve("resolved.conf"), "optout { manifests = [\"" + list + "\"] }\n");
        browser.find(".strength[data-adapter=demo] input[type=checkbox]").click();
        draw("a fox by Jo Example");
        browser.await("!document.getElementById('draw-error').hidden");
        assertThat(browser.find("#draw-error").getText()).contains("optout.jsonl line 1 opts out");
        assertThat(browser.find("#draw-error").getDomAttribute("role")).isEqualTo("alert");
        browser.await("document.querySelectorAll('#strip li').length === 0");
        assertThat(browser.find("#draw-now").isEnabled()).isTrue();
    }

    @Test
    void aPictureIsDrawnAgainFromItsOwnRecord() throws Exception {
        browser.find("#seed").sendKeys("7");
        draw("a fox");
        BufferedImage first = drawn(1);
        Path file = folder.resolve("sent.png");
        Files.copy(newest(), file);
        browser.find("#prompt").clear();
        browser.find("#seed").clear();
        browser.find("#again-file").sendKeys(file.toString());
        browser.await("document.getElementById('again-note').textContent.includes('drawn again')", LONG);
        BufferedImage again = drawn(3);
        assertThat(differing(first, again)).isZero();
        assertThat(browser.find("#record-facts").getText()).contains("a fox", "7");
    }

    @Test
    void onlyWhatThePointerPaintsOverIsRedrawn() throws Exception {
        BufferedImage start = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                start.setRGB(x, y, Color.HSBtoRGB(x / (float) SIDE, 0.6f, 0.4f + y / (2f * SIDE)));
            }
        }
        Path file = folder.resolve("start.png");
        ImageIO.write(start, "png", file.toFile());
        browser.find("#init").sendKeys(file.toString());
        browser.await("document.getElementById('brush').checkVisibility()");
        browser.find("#inpaint").click();
        browser.driver()
                .executeScript("const size = document.getElementById('brush-size'); size.value = 40;"
                        + "size.dispatchEvent(new Event('input', {bubbles: true}));"
                        + "document.getElementById('brush').scrollIntoView({block: 'center'})");
        WebElement canvas = browser.find("#brush");
        int quarter = canvas.getSize().getWidth() / 4;
        // A stroke from top to bottom in the left quarter.
        new Actions(browser.driver())
                .moveToElement(canvas, -quarter, -quarter)
                .clickAndHold()
                .moveByOffset(0, quarter)
                .moveByOffset(0, quarter)
                .release()
                .perform();
        browser.driver()
                .executeScript("const strength = document.getElementById('denoise'); strength.value = 1;"
                        + "strength.dispatchEvent(new Event('input', {bubbles: true}))");
        // What is not painted keeps the start's latents whatever the seed is; decoding spreads the rest over some
        // pixels.
        browser.find("#seed").sendKeys("1");
        draw("a fox");
        BufferedImage one = drawn(1);
        browser.find("#seed").clear();
        browser.find("#seed").sendKeys("2");
        draw("a fox");
        BufferedImage other = drawn(2);
        double painted = difference(one, other, SIDE / 8, SIDE * 3 / 8);
        double far = difference(one, other, SIDE * 3 / 4, SIDE);
        assertThat(painted).as("mean difference where it was painted").isGreaterThan(1);
        assertThat(far).as("at the far right; where it was painted " + painted).isLessThan(painted / 4);
    }

    /** Mean difference of a colour's values, of 256, in columns from one to before another. */
    private static double difference(BufferedImage a, BufferedImage b, int from, int to) {
        long sum = 0;
        for (int y = 0; y < SIDE; y++) {
            for (int x = from; x < to; x++) {
                Color one = new Color(a.getRGB(x, y));
                Color other = new Color(b.getRGB(x, y));
                sum += Math.abs(one.getRed() - other.getRed())
                        + Math.abs(one.getGreen() - other.getGreen())
                        + Math.abs(one.getBlue() - other.getBlue());
            }
        }
        return sum / (3.0 * SIDE * (to - from));
    }

    private static int differing(BufferedImage a, BufferedImage b) {
        int count = 0;
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                count += (a.getRGB(x, y) & 0xffffff) == (b.getRGB(x, y) & 0xffffff) ? 0 : 1;
            }
        }
        return count;
    }
}
