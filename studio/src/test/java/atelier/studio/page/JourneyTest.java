package atelier.studio.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** From the first visit to a drawn picture and an evaluation, on the bundled data, with the keyboard alone. */
class JourneyTest {
    private static final Duration LONG = Duration.ofMinutes(6);

    @Test
    void whatWasTrainedDrawsAPictureAndIsEvaluatedByKeysAlone(@TempDir Path folder) throws Exception {
        try (Browser browser = Browser.start()) {
            try (StudioProcess studio = StudioProcess.start(folder)) {
                browser.show(1280, false);
                browser.open(studio.link());
                train(browser);
                draw(browser);
                evaluate(browser);
                assertThat(folder.resolve("runs/demo/evaluation/report.json")).exists();
                assertThat(folder.resolve("runs/demo/adapter.safetensors")).exists();
                assertThat(browser.violations()).isEmpty();
                String pictures = System.getProperty("atelier.pictures", "");
                if (!pictures.isEmpty()) {
                    browser.picture(Path.of(pictures, "journey.png"), 1280);
                }
            }
        }
    }

    @Test
    void picturesOfOnesOwnAreTakenInWithCaptionsAndJudged(@TempDir Path folder) throws Exception {
        try (Browser browser = Browser.start()) {
            try (StudioProcess studio = StudioProcess.start(folder)) {
                browser.show(1280, false);
                browser.open(studio.link());
                browser.open(studio.address("/new?start=own"));
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

    /** The smallest evaluation there is: what it measures is of no account here. */
    private static void evaluate(Browser browser) {
        browser.press(Keys.ESCAPE);
        browser.tabTo("nav a[href='/']");
        browser.press(Keys.ENTER);
        browser.await("location.pathname === '/' && document.querySelector('.tile h2 a')");
        browser.tabTo(".tile h2 a[href='/runs/demo']");
        browser.press(Keys.ENTER);
        browser.await("document.querySelector('a[href=\"/runs/demo/report#settings\"]')");
        browser.tabTo("a[href='/runs/demo/report#settings']");
        browser.press(Keys.ENTER);
        browser.await("location.pathname === '/runs/demo/report' && document.getElementById('settings')?.open");
        write(browser, "#f-evaluation-prompts", "2");
        write(browser, "#f-evaluation-seeds", "1");
        write(browser, "#f-evaluation-strengths", "0, 1");
        browser.tabTo("#f-evaluation-audit");
        browser.press("f");
        browser.tabTo("#further summary");
        browser.press(Keys.ENTER);
        Map<String, String> small = new LinkedHashMap<>();
        small.put("neutral_prompts", "apple");
        small.put("neutral_seeds", "1");
        small.put("steps", "0");
        small.put("foils", "[]");
        small.put("references", "10");
        small.put("loss_levels", "1");
        small.put("draws", "100");
        small.forEach((field, text) -> write(browser, "#f-evaluation-" + field, text));
        browser.chord(Keys.CONTROL, Keys.ENTER);
        browser.await("document.querySelector('#e-evaluation-steps')");
        assertThat(browser.find("#problems").getText()).contains("evaluation.steps must be at least 1, got 0");
        write(browser, "#f-evaluation-steps", "1");
        browser.chord(Keys.CONTROL, Keys.ENTER);
        browser.await("document.querySelector('#live-evaluation .state.running')");
        browser.await(
                "!document.getElementById('stop-evaluation')"
                        + " && document.querySelector('iframe.report, #live-evaluation .problem')",
                LONG);
        assertThat(browser.find("#live-evaluation").getText()).isEmpty();
        assertThat(browser.find("#live-said").getText()).contains("evaluation.prompts=2");
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
}
