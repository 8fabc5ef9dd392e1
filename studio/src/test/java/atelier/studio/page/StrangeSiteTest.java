package atelier.studio.page;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.studio.server.Routes;
import atelier.studio.server.StudioServer;
import com.sun.net.httpserver.HttpServer;
import io.javalin.config.RoutesConfig;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pages of others in a real browser that has the studio's cookie: nothing of theirs is heard. */
class StrangeSiteTest {
    /** What a page can try without leave: a form, fetches, a picture, events, and a frame without an origin. */
    private static final String ATTACK = """
            <!doctype html><title>strange</title>
            <iframe name="into"></iframe>
            <form id="form" method="post" enctype="text/plain" target="into" action="STUDIO/api/v1/thing">
            <input name='{"a":"' value='"}'></form>
            <iframe sandbox="allow-scripts allow-forms" srcdoc="<script>
            fetch('STUDIO/api/v1/thing', {method: 'POST', mode: 'no-cors', credentials: 'include', body: '{}'});
            </script>"></iframe>
            <img src="STUDIO/api/v1/picture">
            <script>
            document.getElementById("form").submit();
            const asked = [];
            for (const type of ["text/plain", "application/json"]) {
                for (const mode of ["no-cors", "cors"]) {
                    asked.push(fetch("STUDIO/api/v1/thing",
                        {method: "POST", mode, credentials: "include", headers: {"Content-Type": type}, body: "{}"}));
                }
            }
            asked.push(fetch("STUDIO/api/v1/picture", {mode: "cors", credentials: "include"}).then((r) => r.text()).then((text) => {
                document.title = "read " + text;
            }));
            asked.push(new Promise((done) => {
                const events = new EventSource("STUDIO/api/v1/picture", {withCredentials: true});
                events.onerror = () => { events.close(); done(); };
                events.onopen = () => { document.title = "opened"; done(); };
            }));
            Promise.allSettled(asked).then(() => setTimeout(() => document.body.dataset.tried = "yes", 500));
            </script>
            """;

    private final AtomicInteger heard = new AtomicInteger();
    private StudioServer studio;
    private HttpServer stranger;

    @BeforeEach
    void start() throws IOException {
        Routes parts = new Routes() {
            @Override
            public void addTo(RoutesConfig routes) {
                routes.get("/", context -> context.html("<!doctype html><html class=js><title>ours</title>"));
                routes.post("/api/v1/thing", context -> {
                    heard.incrementAndGet();
                    context.result("{}");
                });
                routes.get("/api/v1/picture", context -> {
                    heard.incrementAndGet();
                    context.result("secret");
                });
            }
        };
        studio = StudioServer.start(0, List.of(parts));
        stranger = HttpServer.create(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0), 0);
        byte[] page =
                ATTACK.replace("STUDIO", "http://127.0.0.1:" + studio.port()).getBytes(StandardCharsets.UTF_8);
        stranger.createContext("/", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, page.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(page);
            }
        });
        stranger.start();
    }

    @AfterEach
    void stop() {
        studio.close();
        stranger.stop(0);
    }

    @Test
    void aPageOnAnotherPortHasTheCookieAndIsNotHeard() {
        try (Browser browser = Browser.start()) {
            browser.open(studio.link());
            Object own = browser.value("fetch('/api/v1/thing', {method: 'POST', body: '{}',"
                    + " headers: {'Content-Type': 'application/json'}}).then((answer) => answer.status)");
            assertThat(own).isEqualTo(200L);
            assertThat(heard).as("the studio's own page is heard").hasValue(1);
            browser.driver().get("http://127.0.0.1:" + stranger.getAddress().getPort() + "/");
            browser.await("document.body.dataset.tried", Duration.ofSeconds(30));
            assertThat(heard).hasValue(1);
            assertThat(browser.driver().getTitle()).isEqualTo("strange");
        }
    }

    @Test
    void aNameThatWasMadeToMeanThisMachineIsNotServed() {
        try (Browser browser = Browser.start("--host-resolver-rules=MAP strange.test 127.0.0.1")) {
            browser.driver().get(studio.link().replace("127.0.0.1", "strange.test"));
            assertThat(browser.value("performance.getEntriesByType('navigation')[0].responseStatus"))
                    .isEqualTo(421L);
            assertThat(browser.driver().manage().getCookies()).isEmpty();
            assertThat(heard).hasValue(0);
        }
    }
}
