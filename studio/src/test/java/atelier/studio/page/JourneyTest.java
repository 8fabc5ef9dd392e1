package atelier.studio.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** From the first visit to a drawn picture, on the bundled data, with the keyboard alone. */
class JourneyTest {
    private static final Duration LONG = Duration.ofMinutes(6);

    @Test
    void aPictureIsDrawnWithWhatWasTrainedByKeysAlone(@TempDir Path folder) throws Exception {
        try (Browser browser = Browser.start()) {
            Process studio = start(folder);
            try (BufferedReader said = studio.inputReader(StandardCharsets.UTF_8)) {
                browser.show(1280, false);
                browser.open(link(said));
                train(browser);
                draw(browser);
                assertThat(folder.resolve("runs/demo/adapter.safetensors")).exists();
                assertThat(browser.violations()).isEmpty();
                String pictures = System.getProperty("atelier.pictures", "");
                if (!pictures.isEmpty()) {
                    browser.picture(Path.of(pictures, "journey.png"), 1280);
                }
            } finally {
                studio.destroy();
                if (!studio.waitFor(20, TimeUnit.SECONDS)) {
                    studio.destroyForcibly();
                }
            }
        }
    }

    @Test
    void picturesOfOnesOwnAreTakenInWithCaptionsAndJudged(@TempDir Path folder) throws Exception {
        try (Browser browser = Browser.start()) {
            Process studio = start(folder);
            try (BufferedReader said = studio.inputReader(StandardCharsets.UTF_8)) {
                browser.show(1280, false);
                String link = link(said);
                browser.open(link);
                browser.open(link.replaceAll("/\\?.*", "/new?start=own"));
                Path images = FakeRoutes.ROOT.resolve("datasets/demo/images");
                browser.find("#files").sendKeys(images.resolve("1F435.png") + "\n" + images.resolve("1F98D.png"));
                browser.await("document.querySelectorAll('#pictures li').length === 2");
                browser.find("#pictures li[data-file='1F435.png'] textarea").sendKeys("monkey face");
                browser.find("#pictures li[data-file='1F98D.png'] textarea").sendKeys("gorilla");
                browser.find("[name='licence.mode'][value='open']").click();
                browser.await("document.getElementById('verdicts').textContent.includes('2 included')");
                assertThat(browser.find("#command-line").getText())
                        .contains("data.pairs=", "pictures", "licence.mode=open");
                assertThat(folder.resolve("studio/pictures/pictures/1F98D.txt")).hasContent("gorilla");
                browser.driver().navigate().refresh();
                browser.await("document.querySelector('#pictures textarea')?.value === 'monkey face'");
                String pictures = System.getProperty("atelier.pictures", "");
                if (!pictures.isEmpty()) {
                    browser.await("document.getElementById('checking').textContent.startsWith('Checked')");
                    browser.picture(Path.of(pictures, "own.png"), 1280);
                }
            } finally {
                studio.destroy();
                if (!studio.waitFor(20, TimeUnit.SECONDS)) {
                    studio.destroyForcibly();
                }
            }
        }
    }

    private static void train(Browser browser) {
        browser.tabTo("a[href='/new?start=demo']");
        browser.press(Keys.ENTER);
        browser.await(
                "location.pathname === '/new' && document.getElementById('checking')?.textContent.startsWith('Checked')");
        assertThat(browser.find("#verdicts").getText()).contains("included", "excluded");
        write(browser, "#f-train-steps", "2");
        write(browser, "#f-sample-prompts", "[]");
        browser.await("document.getElementById('command-line').textContent.includes('train.steps=2')"
                + " && document.getElementById('checking').textContent.startsWith('Checked')");
        browser.chord(Keys.CONTROL, Keys.ENTER);
        browser.await("location.pathname === '/runs/demo'");
        browser.await("document.querySelector('#live-head .state.done')", LONG);
    }

    private static void write(Browser browser, String field, String text) {
        browser.tabTo(field);
        browser.chord(Keys.CONTROL, "a");
        browser.press(text);
    }

    private static void draw(Browser browser) {
        browser.driver().navigate().refresh();
        browser.await("document.querySelector('a[href=\"/draw?adapter=demo\"]')");
        browser.tabTo("a[href='/draw?adapter=demo']");
        browser.press(Keys.ENTER);
        browser.await("location.pathname === '/draw' && document.querySelector('.strength input:checked')");
        write(browser, "#prompt", "red apple");
        write(browser, "#seed", "7");
        browser.tabTo("#how summary");
        browser.press(Keys.ENTER);
        write(browser, "#steps", "4");
        browser.chord(Keys.CONTROL, Keys.ENTER);
        browser.await("document.querySelector('#canvas img[alt=\"red apple\"]')?.naturalWidth > 0", LONG);
        assertThat(browser.find("#record-facts").getText()).contains("red apple", "7");
    }

    private static Process start(Path folder) throws IOException {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx2g",
                "-XX:+UseSerialGC",
                "-Datelier.root=" + FakeRoutes.ROOT,
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "atelier.cli.Atelier",
                "studio",
                "studio.port=0",
                "studio.open=false",
                "studio.data=" + folder.resolve("studio"),
                "run.dir=" + folder.resolve("runs")));
        return new ProcessBuilder(words)
                .directory(FakeRoutes.ROOT.toFile())
                .redirectError(Files.createFile(folder.resolve("studio.log")).toFile())
                .start();
    }

    private static String link(BufferedReader said) throws IOException {
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            int at = line.indexOf("http://");
            if (at >= 0) {
                return line.substring(at).strip();
            }
        }
        throw new AssertionError("the studio printed no link");
    }
}
