package atelier.studio.page;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.studio.server.StudioServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;
import org.openqa.selenium.interactions.Actions;

/** Every screen in a browser, over data that never change. */
class PagesTest {
    private static final int LARGEST_PAGE = 200_000;
    private static final Map<String, String> SCREENS = new TreeMap<>(Map.ofEntries(
            Map.entry("runs", "/"),
            Map.entry("new", "/new"),
            Map.entry("run-training", "/runs/gouache"),
            Map.entry("run-done", "/runs/demo"),
            Map.entry("run-failed", "/runs/charcoal"),
            Map.entry("consent", "/runs/demo/consent"),
            Map.entry("report", "/runs/demo/report"),
            Map.entry("evaluating", "/runs/ink/report"),
            Map.entry("draw", "/draw"),
            Map.entry("library", "/library"),
            Map.entry("compare", "/compare")));

    private static FakeData data;
    private static FakeRoutes routes;
    private static StudioServer server;
    private static Browser browser;

    @BeforeAll
    static void start() throws Exception {
        data = new FakeData();
        routes = new FakeRoutes(data);
        server = StudioServer.start(0, List.of(new Screens(data, Clock.fixed(FakeData.NOW, ZoneOffset.UTC)), routes));
        browser = Browser.start();
        browser.open(server.link());
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private static String address(String path) {
        return "http://127.0.0.1:" + server.port() + path;
    }

    private static void open(String path) {
        browser.driver().executeScript("localStorage.clear()");
        browser.open(address(path));
        if (path.equals("/new")) {
            browser.await("document.getElementById('checking').textContent.startsWith('Checked')");
        } else if (path.equals("/draw")) {
            browser.await("document.querySelector('#strip li')");
        }
    }

    @Test
    void noScreenHasWhatAxeCallsAViolation() throws Exception {
        List<String> found = new ArrayList<>();
        for (Map.Entry<String, String> screen : SCREENS.entrySet()) {
            for (boolean dark : new boolean[] {false, true}) {
                for (int width : new int[] {360, 1280}) {
                    browser.show(width, dark);
                    open(screen.getValue());
                    if (screen.getKey().equals("new")) {
                        browser.driver()
                                .executeScript("document.querySelectorAll('details').forEach(e => e.open = true);"
                                        + "document.querySelector('[name=start][value=own]').click()");
                    } else {
                        browser.driver()
                                .executeScript("document.querySelectorAll('details').forEach(e => e.open = true)");
                    }
                    String where = screen.getKey() + " at " + width + (dark ? " dark: " : " light: ");
                    browser.violations().forEach(each -> found.add(where + each));
                }
            }
        }
        assertThat(found).isEmpty();
    }

    @Test
    void noScreenIsWiderThanAPhone() {
        for (Map.Entry<String, String> screen : SCREENS.entrySet()) {
            browser.show(360, false);
            open(screen.getValue());
            browser.driver().executeScript("document.querySelectorAll('details').forEach(e => e.open = true)");
            assertThat(browser.value("document.documentElement.scrollWidth"))
                    .as(screen.getKey())
                    .isEqualTo(360L);
        }
    }

    @Test
    void theBrowserFindsNothingToComplainOf() {
        browser.complaints();
        for (String path : SCREENS.values()) {
            browser.show(1280, false);
            open(path);
            assertThat(browser.complaints()).as(path).isEmpty();
        }
    }

    @Test
    void noScreenWeighsMoreThan200Kilobytes() throws Exception {
        weigh("");
    }

    @Test
    void noScreenWeighsMoreThan200KilobytesWithAThousandRuns() throws Exception {
        data.more = 994;
        try {
            weigh(" of 1,000 runs");
            assertThat(get("/")).contains("Part 1 of 17, 1,000 runs").doesNotContain("watercolour-study-900");
            assertThat(get("/?part=17")).contains("watercolour-study-993", "href=\"/?part=16\"");
            assertThat(get("/?q=study-900")).contains("watercolour-study-900").doesNotContain("study-901");
            assertThat(get("/?q=study-9&part=2")).contains("q=study-9&amp;part=1", "Part 2 of 2, 105 runs");
            assertThat(get("/library?q=study-900")).contains("/draw?adapter=watercolour-study-900");
            assertThat(get("/draw?adapter=watercolour-study-900"))
                    .contains("data-adapter=\"watercolour-study-900\"", "971 more");
        } finally {
            data.more = 0;
        }
    }

    private static void weigh(String which) throws Exception {
        Pattern sources = Pattern.compile("(?:href|src)=\"(/static/[^\"]+)\"|from \"(/static/[^\"]+)\"");
        for (Map.Entry<String, String> screen : SCREENS.entrySet()) {
            TreeMap<String, Integer> parts = new TreeMap<>();
            List<String> waiting = new ArrayList<>(List.of(screen.getValue()));
            while (!waiting.isEmpty()) {
                String path = waiting.remove(0);
                if (!parts.containsKey(path)) {
                    String body = get(path);
                    parts.put(path, body.length());
                    Matcher matcher = sources.matcher(body);
                    while (matcher.find()) {
                        waiting.add(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
                    }
                }
            }
            assertThat(parts.values().stream().mapToInt(Integer::intValue).sum())
                    .as(screen.getKey() + which + " " + parts)
                    .isLessThanOrEqualTo(LARGEST_PAGE);
        }
    }

    private static String get(String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address(path)))
                .header("Authorization", "Bearer " + server.key().text())
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    void aRunCanBeReadWithoutAScript() throws Exception {
        assertThat(get("/"))
                .contains("gouache", "step 130 of 300", "until about 12:05, 2 h 5 min left", "validation loss 0.3871")
                .contains("the loss is not finite after step 41")
                .contains("night-one");
        assertThat(get("/runs/gouache"))
                .contains("<td class=\"n\">50</td>", "after step 100", "experiment=style", "318</b> included");
        assertThat(get("/runs/demo/consent")).contains("its creator opted out &lt;b&gt;", "line 4");
        assertThat(get("/library?q=openmoji")).contains("OpenMoji in colour").doesNotContain("adapter-best");
        assertThat(get("/runs/demo/report")).contains("<iframe class=\"report\" sandbox title=");
    }

    @Test
    void keysLeadToTheScreensAndListThemselves() {
        browser.show(1280, false);
        open("/");
        browser.press("?");
        browser.await("document.getElementById('keys').open");
        browser.press(Keys.ESCAPE);
        for (Map.Entry<String, String> key :
                Map.of("n", "/new", "d", "/draw", "l", "/library", "r", "/").entrySet()) {
            browser.press("g", key.getKey());
            browser.await("location.pathname === '" + key.getValue()
                    + "' && document.documentElement.classList.contains('js')");
        }
    }

    @Test
    void arrowsGoThroughTheSamples() {
        browser.show(1280, false);
        open("/runs/demo");
        browser.await("document.querySelector('.film li.now')?.dataset.step === '300'");
        browser.press(Keys.ARROW_LEFT);
        browser.await("document.querySelector('.film li.now').dataset.step === '200'");
        assertThat(browser.find("#sample-at").getText()).isEqualTo("step 200, 2 of 3");
        assertThat(browser.find(".film li.both").isDisplayed()).isTrue();
    }

    @Test
    void aChartTellsItsValuesUnderThePointerAndByKeys() {
        browser.show(1280, false);
        open("/runs/gouache");
        browser.driver().executeScript("document.getElementById('loss-chart').scrollIntoView({block: 'center'})");
        new Actions(browser.driver())
                .moveToElement(browser.find("#loss-chart .plot"))
                .perform();
        browser.await("document.querySelector('#loss-chart output').textContent.startsWith('step 6')");
        long step = Long.parseLong((String) browser.value("document.getElementById('loss-at').value"));
        assertThat(step).isBetween(65L, 66L);
        assertThat(browser.find("#loss-chart output").getText())
                .matches("step 6[56]: of each step 0\\.\\d{4}, smoothed 0\\.\\d{4}, validation 0\\.\\d{4} at step 50");
        browser.find("#loss-at").sendKeys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT);
        browser.await(
                "document.querySelector('#loss-chart output').textContent.startsWith('step " + (step + 2) + ": ')");
        assertThat(browser.find("#loss-at").getDomAttribute("aria-valuetext"))
                .startsWith("step " + (step + 2) + ": of each step 0.");
        assertThat(browser.find("#loss-chart .at").isDisplayed()).isTrue();
        open("/compare");
        browser.find("#loss-at").sendKeys(Keys.HOME);
        browser.await(
                "document.querySelector('#loss-chart output').textContent.startsWith('step 1: gouache, smoothed 0.')");
    }

    @Test
    void allErrorsStandAtTheirFieldsAtOnce() {
        browser.show(1280, false);
        open("/new");
        browser.find("#f-train-steps").clear();
        browser.find("#f-train-steps").sendKeys("wrong");
        browser.await("document.querySelectorAll('[aria-invalid=true]').length === 2");
        assertThat(browser.find("#problems").getText())
                .contains("2 things are not right yet", "How long: 'wrong' is no whole number; write one such as 300");
        assertThat(browser.find("#f-train-steps").getDomAttribute("aria-describedby"))
                .isEqualTo("f-train-steps-help e-train-steps");
        assertThat(browser.find("#e-train-steps").getText()).contains("'wrong' is no whole number");
    }

    @Test
    void aFormOutlivesAReloadAndTellsWhatWasChanged() {
        browser.show(1280, false);
        open("/new");
        browser.driver().executeScript("document.getElementById('further').open = true");
        browser.find("#f-data-flip").clear();
        browser.find("#f-data-flip").sendKeys("0.5");
        browser.await("document.querySelector('[data-key=\"data.flip\"].changed')");
        browser.driver().navigate().refresh();
        browser.await("document.getElementById('f-data-flip')?.value === '0.5'");
        browser.driver().executeScript("document.getElementById('further').open = true");
        browser.find("#changed-only").click();
        browser.await("document.getElementById('found').textContent === '1 setting'");
        browser.await("document.querySelector('[data-key=\"data.flip\"]').checkVisibility()");
        routes.asked.clear();
        browser.find("#start").click();
        browser.await("location.pathname === '/runs/demo'");
        assertThat(routes.asked).contains("start {\"set\":{\"data.flip\":\"0.5\"},\"queue\":false}");
    }

    @Test
    void consentIsShownBeforeTheStart() {
        browser.show(1280, false);
        open("/new");
        assertThat(browser.find("#verdicts").getText()).contains("327 included", "9 excluded");
        browser.find("#left-out summary").click();
        assertThat(browser.find("#left-out").getText())
                .contains("images/1F98D.png", "rule creator, datasets/demo/optout.jsonl, line 4", "record a grant");
    }

    @Test
    void equalCellsOfAGridAreCalledOut() {
        browser.show(1280, false);
        open("/draw");
        browser.find("#prompt").sendKeys("red apple");
        browser.find(".strength[data-adapter=demo] input[type=checkbox]").click();
        browser.driver().executeScript("document.getElementById('grid').open = true");
        routes.asked.clear();
        browser.find("#draw-grid").click();
        browser.await("document.querySelectorAll('.grid-view figure').length === 3");
        assertThat(browser.find("#equal").getText()).contains("strength 0 and strength 0.5");
        assertThat(browser.driver().findElements(org.openqa.selenium.By.cssSelector("figure.equal")))
                .hasSize(2);
        assertThat(routes.asked.get(0)).contains("\"grid\":{\"adapters\":[\"demo\"],\"strengths\":[0.25,0.5,0.75,1]}");
    }

    @Test
    void theSavedStepsOfARunAreComparedInOneGrid() {
        browser.show(1280, false);
        open("/draw");
        browser.find("#prompt").sendKeys("red apple");
        browser.driver().executeScript("document.getElementById('grid').open = true");
        browser.find("#grid-what").sendKeys("the saved steps of demo");
        assertThat(browser.value("document.getElementById('grid-what').selectedOptions[0].textContent"))
                .isEqualTo("the saved steps of demo: 100, 200, 300");
        browser.find("#grid-strengths").clear();
        browser.find("#grid-strengths").sendKeys("1");
        routes.asked.clear();
        browser.find("#draw-grid").click();
        browser.await("document.querySelector('.grid-view figure')");
        assertThat(routes.asked.get(0))
                .contains("\"grid\":{\"adapters\":[\"demo/state/step-000100\",\"demo/state/step-000200\","
                        + "\"demo/state/step-000300\"],\"strengths\":[1]}");
    }

    @Test
    void anEvaluationIsStartedFromTheRunsPageAndWithOtherSettings() {
        browser.show(1280, false);
        open("/runs/demo");
        routes.asked.clear();
        browser.find("#evaluate").click();
        browser.await("document.getElementById('status').textContent === 'Evaluate again: done'");
        assertThat(routes.asked).containsExactly("evaluate demo {}");
        open("/runs/demo/report#settings");
        browser.find("#f-evaluation-prompts").clear();
        browser.find("#f-evaluation-prompts").sendKeys("20");
        browser.find("#start").click();
        browser.await("document.getElementById('status').textContent === 'Started'");
        assertThat(routes.asked.get(1)).isEqualTo("evaluate demo {\"set\":{\"evaluation.prompts\":\"20\"}}");
    }

    @Test
    void everySettingHasALabelInWords() throws Exception {
        for (String path : List.of("/new", "/runs/demo/report")) {
            Matcher fields = Pattern.compile(
                            "<div class=\"field\" data-key=\"[^\"]*\"[^>]*>\\s*<label [^>]*>([^<]*)<code>")
                    .matcher(get(path));
            int count = 0;
            while (fields.find()) {
                assertThat(fields.group(1).strip())
                        .as(path)
                        .matches("(?s).{3,}")
                        .doesNotMatch("[a-z0-9_.]+");
                count++;
            }
            assertThat(count).as(path).isGreaterThan(30);
        }
        assertThat(get("/new")).contains("Shortest side of a bucket in pixels <code>");
    }

    /** Pictures of all screens, to be looked at: -Datelier.pictures=FOLDER. */
    @Test
    void picturesOfTheScreensAreTakenWhereAskedFor() throws Exception {
        String folder = System.getProperty("atelier.pictures", "");
        if (folder.isEmpty()) {
            return;
        }
        for (Map.Entry<String, String> screen : SCREENS.entrySet()) {
            for (boolean dark : new boolean[] {false, true}) {
                for (int width : new int[] {360, 1280, 2560}) {
                    browser.show(width, dark);
                    open(screen.getValue());
                    browser.picture(
                            Path.of(folder, screen.getKey() + "-" + width + (dark ? "-dark" : "") + ".png"), width);
                }
            }
        }
    }
}
