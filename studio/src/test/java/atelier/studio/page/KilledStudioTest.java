package atelier.studio.page;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.common.file.LockHolder;
import atelier.studio.draw.TinyStudio;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run goes on whatever becomes of the page and of the studio: real processes, on the tiny model. */
class KilledStudioTest {
    private static final Duration LONG = Duration.ofMinutes(3);
    /** More steps than it will make. */
    private static final String RUN = """
            {"set": {"run.name": "long", "train.steps": 100000, "model.path": "%s", "data.resolution": 32,
             "train.batch_size": 1, "sample.prompts": [], "export.merged": false, "device": "cpu"}}""";

    @Test
    void aRunOutlivesTheStudioAndANewOneShowsStopsAndResumesIt(@TempDir Path folder) throws Exception {
        Path run = folder.resolve("runs/long");
        String[] roots = {"studio.roots=[datasets, " + TinyStudio.model() + "]"};
        try (Browser browser = Browser.start()) {
            browser.show(1280, false);
            long process;
            long reached;
            try (StudioProcess studio = StudioProcess.start(folder, roots)) {
                assertThat(studio.post("/api/v1/runs", RUN.formatted(TinyStudio.model())))
                        .contains("\"name\":\"long\"");
                browser.open(studio.link());
                browser.open(studio.address("/runs/long"));
                browser.await("document.querySelector('.state.training')" + steps(5), LONG);
                reloadShowsTheSame(browser);
                process = LockHolder.of(run).orElseThrow().process();
                reached = step(browser);
                studio.kill();
            }
            assertThat(ProcessHandle.of(process)).as("the run's process").isPresent();
            try (StudioProcess studio = StudioProcess.start(folder, roots)) {
                browser.open(studio.link());
                browser.open(studio.address("/runs/long"));
                browser.await("document.querySelector('.state.training')" + steps(reached + 3), LONG);
                assertThat(LockHolder.of(run).orElseThrow().process()).isEqualTo(process);
                browser.find("#stop").click();
                browser.await("document.querySelector('.state.stopped')", LONG);
                assertThat(Files.readString(run.resolve("ended.txt"))).startsWith("stopped\n");
                browser.await("document.getElementById('resume')");
                long saved = step(browser);
                assertThat(browser.find("#resume").getText()).contains("Go on from step " + saved);
                assertThat(run.resolve("state")).isNotEmptyDirectory();
                resume(browser, saved);
                assertThat(LockHolder.of(run).orElseThrow().process()).isNotEqualTo(process);
                browser.find("#stop").click();
                browser.await("document.querySelector('.state.stopping, .state.stopped')");
            } finally {
                LockHolder.of(run)
                        .flatMap(each -> ProcessHandle.of(each.process()))
                        .ifPresent(ProcessHandle::destroy);
            }
        }
    }

    /** Through the queue, which nothing else holds up. */
    private static void resume(Browser browser, long saved) {
        browser.find("#resume").click();
        browser.await("document.querySelector('.state.training')" + steps(saved + 3), LONG);
    }

    private static void reloadShowsTheSame(Browser browser) {
        String before = shown(browser);
        long step = step(browser);
        browser.driver().navigate().refresh();
        browser.await("document.querySelector('.state.training')");
        assertThat(shown(browser)).isEqualTo(before);
        assertThat(step(browser)).isGreaterThanOrEqualTo(step);
    }

    /** All that does not change from step to step. */
    private static String shown(Browser browser) {
        return (String) browser.value("['h1', '.state', '.actions', '#live-consent', '#settings-title ~ pre']"
                + ".map((each) => document.querySelector(each).textContent.trim().replace(/\\\\s+/g, ' ')).join('; ')");
    }

    private static long step(Browser browser) {
        return Long.parseLong(
                browser.find("#live-head").getDomAttribute("data-step").strip());
    }

    private static String steps(long least) {
        return " && Number(document.getElementById('live-head').dataset.step) >= " + least;
    }
}
