package atelier.studio.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.error.RefusedException;
import atelier.common.error.WorkFailedException;
import atelier.common.error.WrongCommandException;
import io.javalin.config.RoutesConfig;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may speak with the studio: the rows of the table of risks. */
class GuardTest {
    private static final AtomicInteger DRAWN = new AtomicInteger();
    private static final String JSON = "Content-Type: application/json";

    private static StudioServer server;
    private static RawHttp http;
    private static String bearer;

    private static final class Stub implements Routes {
        @Override
        public void addTo(RoutesConfig routes) {
            routes.get("/", context -> context.html("the page"));
            routes.get("/api/v1/thing", context -> context.json("{}"));
            routes.post("/api/v1/thing", context -> {
                Bodies.json(context);
                DRAWN.incrementAndGet();
                context.result("{}");
            });
            routes.put(
                    "/api/v1/pictures/{folder}/{file}",
                    context -> context.result("" + Bodies.bytes(context, 100).length));
            routes.get("/api/v1/wrong", context -> {
                throw new WrongCommandException("adapter.rank", "it is 0", "write at least 1");
            });
            routes.get("/api/v1/refused", context -> {
                throw new RefusedException("list.csv line 7", "Ada opted out", "leave her out");
            });
            routes.get("/api/v1/failed", context -> {
                throw new WorkFailedException("the disk", "it is full", "free some");
            });
            routes.get("/api/v1/fault", context -> {
                throw new IllegalArgumentException("/secret/path");
            });
            routes.get("/page/<name>", context -> {
                throw new NotFoundException("run '" + context.pathParam("name") + "'", "there is none", "");
            });
        }
    }

    @BeforeAll
    static void start() {
        server = StudioServer.start(0, List.of(new Stub()));
        http = new RawHttp(server.port());
        bearer = "Authorization: Bearer " + server.key().text();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String cookie() {
        return "Cookie: atelier-" + server.port() + "=" + server.key().text();
    }

    @Test
    void onlyLoopbackIsBound() throws IOException {
        for (NetworkInterface card : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            for (InetAddress address : Collections.list(card.getInetAddresses())) {
                if (address instanceof Inet4Address && !address.isLoopbackAddress()) {
                    assertThatThrownBy(() -> new Socket(address, server.port()).close())
                            .as("address " + address)
                            .isInstanceOf(ConnectException.class);
                }
            }
        }
        assertThatThrownBy(() -> new Socket("127.0.0.2", server.port()).close()).isInstanceOf(ConnectException.class);
        assertThat(http.send("GET /", bearer).status()).isEqualTo(200);
    }

    @Test
    void aKeyHas192BitsAndIsNewAtEveryStart() {
        AccessKey one = AccessKey.random();
        assertThat(Base64.getUrlDecoder().decode(one.text())).hasSize(24);
        assertThat(AccessKey.random().text()).isNotEqualTo(one.text());
        assertThat(one).hasToString("a key that is not shown");
    }

    @Test
    void everyRouteWithoutTheKeyIs401() throws IOException {
        for (String route : server.routes()) {
            String request = route.replaceAll("[{<]\\w+[}>]", "x");
            assertThat(http.send(request).status()).as(route).isEqualTo(401);
        }
        assertThat(http.send("GET /nowhere").status()).isEqualTo(401);
        assertThat(http.send("GET /favicon.ico").status()).isEqualTo(401);
    }

    @Test
    void aPersonWithoutTheKeyIsToldToUseTheLink() throws IOException {
        RawHttp.Answer page = http.send("GET /", "Accept: text/html");
        assertThat(page.status()).isEqualTo(401);
        assertThat(page.header("Content-Type")).startsWith("text/html");
        assertThat(page.body()).contains("open the link that scripts/atelier studio printed");
        assertThat(page.header("WWW-Authenticate")).startsWith("Bearer");
    }

    @Test
    void theKeyIsTakenFromCookieBearerAndBasic() throws IOException {
        String basic = "Authorization: Basic "
                + Base64.getEncoder()
                        .encodeToString(("anybody:" + server.key().text()).getBytes(StandardCharsets.UTF_8));
        assertThat(http.send("GET /", cookie()).body()).isEqualTo("the page");
        assertThat(http.send("GET /", bearer).status()).isEqualTo(200);
        assertThat(http.send("GET /", basic).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization: Bearer x",
                "Authorization: Bearer ",
                "Authorization: Basic x",
                "Authorization: Basic !!!",
                "Authorization: Basic YTpi",
                "Authorization: Digest x",
                "Cookie: atelier-1=x",
                "Cookie: ;;=;"
            })
    void aWrongKeyIs401(String header) throws IOException {
        assertThat(http.send("GET /", header).status()).isEqualTo(401);
    }

    @Test
    void theCookieOfAnotherPortIsNotOurs() throws IOException {
        assertThat(http.send("GET /", "Cookie: atelier-1=" + server.key().text())
                        .status())
                .isEqualTo(401);
    }

    @Test
    void theLinkSetsACookieAndLeadsToTheSamePathWithoutTheKey() throws IOException {
        RawHttp.Answer answer = http.send("GET /draw?key=" + server.key().text() + "&run=demo");
        assertThat(answer.status()).isEqualTo(303);
        assertThat(answer.header("Location")).isEqualTo("http://127.0.0.1:" + server.port() + "/draw?run=demo");
        assertThat(answer.header("Set-Cookie"))
                .startsWith("atelier-" + server.port() + "=" + server.key().text() + ";")
                .contains("HttpOnly", "SameSite=Strict", "Path=/")
                .doesNotContain("Domain");
        assertThat(server.link())
                .isEqualTo("http://127.0.0.1:" + server.port() + "/?key="
                        + server.key().text());
        assertThat(http.send("GET //evil.example/?key=" + server.key().text()).header("Location"))
                .doesNotStartWith("//")
                .doesNotStartWith("http://evil");
        assertThat(http.send("GET /?key=wrong").status()).isEqualTo(401);
        assertThat(http.sendBody("POST /api/v1/thing?key=" + server.key().text(), "{}", JSON)
                        .status())
                .as("the link is for looking")
                .isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "evil.example:PORT",
                "127.0.0.1",
                "127.0.0.1:1",
                "127.0.0.1.evil.example:PORT",
                "127.0.0.2:PORT",
                "0.0.0.0:PORT",
                "localhost",
                "localhost.:PORT",
                "user@127.0.0.1:PORT"
            })
    void anotherHostIs421OrNoRequest(String host) throws IOException {
        String line = "Host: " + host.replace("PORT", "" + server.port());
        int status = http.raw("GET / HTTP/1.1", line, new String[] {bearer}, "").status();
        assertThat(status).isIn(421, 400);
        if (!host.contains("@")) {
            assertThat(status).isEqualTo(421);
        }
    }

    @Test
    void ourOwnHostsAreAnswered() throws IOException {
        for (String host : List.of("127.0.0.1", "localhost", "[::1]")) {
            String line = "Host: " + host + ":" + server.port();
            assertThat(http.raw("GET / HTTP/1.1", line, new String[] {bearer}, "")
                            .status())
                    .as(host)
                    .isEqualTo(200);
        }
    }

    @Test
    void aRequestLineThatNamesAnotherHostIsNotAnswered() throws IOException {
        String line = "GET http://evil.example/ HTTP/1.1";
        assertThat(http.raw(line, "Host: 127.0.0.1:" + server.port(), new String[] {bearer}, "")
                        .status())
                .isIn(400, 421);
        assertThat(http.raw("GET / HTTP/1.1", "", new String[] {bearer}, "").status())
                .isEqualTo(400);
        assertThat(http.raw("GET / HTTP/1.0", "", new String[] {bearer}, "").status())
                .isIn(400, 421);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Origin: null",
                "Origin: http://evil.example",
                "Origin: http://127.0.0.1:1",
                "Origin: https://127.0.0.1:PORT",
                "Origin: http://127.0.0.1",
                "Origin: http://localhost:PORT",
                "Origin: ",
                "Sec-Fetch-Site: cross-site",
                "Sec-Fetch-Site: same-site"
            })
    void anotherSiteDrawsNothing(String header) throws IOException {
        int before = DRAWN.get();
        String line = header.replace("PORT", "" + server.port());
        RawHttp.Answer posted = http.sendBody("POST /api/v1/thing", "{}", JSON, cookie(), line);
        assertThat(posted.status()).isEqualTo(403);
        assertThat(DRAWN).hasValue(before);
        assertThat(http.send("GET /api/v1/thing", cookie(), line).status()).isEqualTo(403);
    }

    @Test
    void ourOwnPageMayAsk() throws IOException {
        String origin = "Origin: http://127.0.0.1:" + server.port();
        assertThat(http.sendBody("POST /api/v1/thing", "{}", JSON, cookie(), origin, "Sec-Fetch-Site: same-origin")
                        .status())
                .isEqualTo(200);
        assertThat(http.send("GET /", cookie(), "Sec-Fetch-Site: none").status())
                .isEqualTo(200);
    }

    @Test
    void aLinkOnAnotherSiteMayLeadHereAndNothingElse() throws IOException {
        String site = "Sec-Fetch-Site: cross-site";
        String navigate = "Sec-Fetch-Mode: navigate";
        assertThat(http.send("GET /", cookie(), site, navigate, "Sec-Fetch-Dest: document")
                        .status())
                .isEqualTo(200);
        assertThat(http.send("GET /", cookie(), site, navigate, "Sec-Fetch-Dest: iframe")
                        .status())
                .isEqualTo(403);
        assertThat(http.send("GET /", cookie(), site, "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: image")
                        .status())
                .isEqualTo(403);
        assertThat(http.sendBody("POST /api/v1/thing", "{}", JSON, cookie(), site, navigate, "Sec-Fetch-Dest: document")
                        .status())
                .isEqualTo(403);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Type: text/plain",
                "Content-Type: application/x-www-form-urlencoded",
                "Content-Type: multipart/form-data; boundary=x",
                "Content-Type: image/png",
                "X-None: x"
            })
    void aBodyThatIsNotJsonIs415(String type) throws IOException {
        int before = DRAWN.get();
        assertThat(http.sendBody("POST /api/v1/thing", "{}", cookie(), type).status())
                .isEqualTo(415);
        assertThat(http.sendBody("POST /api/v1/thing", "{}", bearer, type).status())
                .isEqualTo(415);
        assertThat(DRAWN).hasValue(before);
    }

    @Test
    void anEmptyBodyNeedsNoType() throws IOException {
        assertThat(http.send("POST /api/v1/thing", bearer).status()).isEqualTo(200);
        assertThat(http.sendBody("POST /api/v1/thing", "", bearer).status()).isEqualTo(200);
    }

    @Test
    void picturesComeAsBytesAndAsNothingThatAFormSends() throws IOException {
        String put = "PUT /api/v1/pictures/a/b.png";
        assertThat(http.sendBody(put, "12345", cookie(), "Content-Type: image/png")
                        .body())
                .isEqualTo("5");
        assertThat(http.sendBody(put, "123", cookie(), "Content-Type: application/octet-stream")
                        .body())
                .isEqualTo("3");
        assertThat(http.sendBody(put, "1", cookie(), "Content-Type: text/plain").status())
                .isEqualTo(415);
        assertThat(http.sendBody(put, "1", cookie(), "Content-Type: image/png", "Origin: null")
                        .status())
                .isEqualTo(403);
    }

    @Test
    void whatIsTooLargeIs413WhateverItsLengthIsSaidToBe() throws IOException {
        String put = "PUT /api/v1/pictures/a/b.png HTTP/1.1";
        String host = "Host: 127.0.0.1:" + server.port();
        String type = "Content-Type: image/png";
        for (String length : List.of("4294967297", "9223372036854775807", "70000000")) {
            assertThat(http.raw(put, host, new String[] {bearer, type, "Content-Length: " + length}, "x")
                            .status())
                    .as(length)
                    .isEqualTo(413);
        }
        assertThat(http.raw(put, host, new String[] {bearer, type, "Content-Length: 99999999999999999999"}, "x")
                        .status())
                .isEqualTo(400);
        String chunked = "c8\r\n" + "x".repeat(200) + "\r\n0\r\n\r\n";
        assertThat(http.raw(put, host, new String[] {bearer, type, "Transfer-Encoding: chunked"}, chunked)
                        .status())
                .isEqualTo(413);
    }

    @Test
    void noAnswerLetsAnotherOriginRead() throws IOException {
        for (RawHttp.Answer answer : List.of(
                http.send("GET /", bearer),
                http.send("GET /"),
                http.send("OPTIONS /api/v1/thing", bearer, "Origin: http://evil.example"),
                http.send("GET /api/v1/thing", bearer, "Origin: http://evil.example"))) {
            assertThat(answer.text()).doesNotContainIgnoringCase("Access-Control");
        }
    }

    @Test
    void headersSayWhatAPageMayDo() throws IOException {
        for (RawHttp.Answer answer :
                List.of(http.send("GET /", bearer), http.send("GET /"), http.send("GET /nowhere", bearer))) {
            assertThat(answer.header("Content-Security-Policy"))
                    .startsWith("default-src 'none'; script-src 'self'; style-src 'self';")
                    .contains("frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'")
                    .doesNotContain("unsafe");
            assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(answer.header("Referrer-Policy")).isEqualTo("no-referrer");
            assertThat(answer.header("Cross-Origin-Opener-Policy")).isEqualTo("same-origin");
            assertThat(answer.header("Cross-Origin-Resource-Policy")).isEqualTo("same-origin");
            assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
            assertThat(answer.header("Server")).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TRACE", "OPTIONS", "PATCH", "CONNECT", "PROPFIND", "get"})
    void anUnknownMethodIs405(String method) throws IOException {
        assertThat(http.send(method + " /", bearer).status()).isIn(405, 400);
        assertThat(http.send(method + " /", bearer).body()).doesNotContain("the page");
    }

    @Test
    void aKnownMethodThatAnAddressDoesNotTakeIs405() throws IOException {
        assertThat(http.send("DELETE /api/v1/thing", bearer).status()).isEqualTo(405);
        assertThat(http.send("GET /api/v1/nowhere", bearer).status()).isEqualTo(404);
    }

    @Test
    void errorsSayPlaceFactAndRemedyInJson() throws IOException {
        RawHttp.Answer wrong = http.send("GET /api/v1/wrong", bearer);
        assertThat(wrong.status()).isEqualTo(422);
        assertThat(wrong.header("Content-Type")).isEqualTo("application/json");
        assertThat(Json.read(wrong.body()).path("error").path("place").asText()).isEqualTo("adapter.rank");
        assertThat(Json.read(wrong.body()).path("error").path("fact").asText()).isEqualTo("it is 0");
        assertThat(Json.read(wrong.body()).path("error").path("remedy").asText())
                .isEqualTo("write at least 1");
        RawHttp.Answer refused = http.send("GET /api/v1/refused", bearer);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.body()).contains("list.csv line 7");
        assertThat(http.send("GET /api/v1/failed", bearer).status()).isEqualTo(500);
        RawHttp.Answer fault = http.send("GET /api/v1/fault", bearer);
        assertThat(fault.status()).isEqualTo(500);
        assertThat(fault.body()).contains("a fault of its own").doesNotContain("secret", "IllegalArgument");
    }

    @Test
    void aNameOfMarkupIsTextInAnErrorPage() throws IOException {
        RawHttp.Answer page = http.send("GET /page/%3Cscript%3Ealert(1)%3C%2Fscript%3E", bearer);
        assertThat(page.status()).isIn(400, 404);
        assertThat(page.body()).doesNotContain("<script>");
        assertThat(http.send("GET /page/%3Cb%3E", bearer).body()).contains("&lt;b&gt;");
    }

    @Test
    void hostileBodiesAreWrongAndHarmless() throws IOException {
        assertThat(http.sendBody("POST /api/v1/thing", "[".repeat(100_000), bearer, JSON)
                        .status())
                .isEqualTo(422);
        assertThat(http.sendBody("POST /api/v1/thing", "{\"a\":", bearer, JSON).status())
                .isEqualTo(422);
        assertThat(http.sendBody("POST /api/v1/thing", "[]", bearer, JSON).status())
                .isEqualTo(422);
        assertThat(http.sendBody("POST /api/v1/thing", "{} {}", bearer, JSON).status())
                .isEqualTo(422);
        assertThat(http.sendBody("POST /api/v1/thing", "{\"a\":\"" + "x".repeat(2 << 20) + "\"}", bearer, JSON)
                        .status())
                .isEqualTo(413);
    }

    @Test
    void aPortThatIsTakenIsTold() {
        assertThatThrownBy(() -> StudioServer.start(server.port(), List.of()))
                .isInstanceOf(WrongCommandException.class)
                .hasMessageContaining("studio.port=" + server.port())
                .hasMessageContaining("studio.port=0");
    }
}
