package atelier.studio.api;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.studio.check.CommandForm;
import atelier.studio.check.EvaluationCheck;
import atelier.studio.check.PathRoots;
import atelier.studio.check.RunCheck;
import atelier.studio.draw.DrawRoutes;
import atelier.studio.draw.Drawings;
import atelier.studio.draw.TinyStudio;
import atelier.studio.event.EventRoutes;
import atelier.studio.event.Events;
import atelier.studio.job.ChildCommand;
import atelier.studio.run.AdapterInfo;
import atelier.studio.run.AdapterList;
import atelier.studio.run.Desk;
import atelier.studio.run.RunFolders;
import atelier.studio.server.Json;
import atelier.studio.server.RawHttp;
import atelier.studio.server.StudioServer;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** /api/v1 over HTTP. */
class ApiTest {
    private static final byte[] PNG = Base64.getDecoder()
            .decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    @TempDir
    Path temporary;

    private final HttpClient client = HttpClient.newHttpClient();
    private Path folder;
    private StudioServer server;
    private Drawings drawings;

    @BeforeEach
    void start() throws IOException {
        folder = Files.createDirectories(temporary.resolve("runs"));
        Path data = Files.createDirectories(temporary.resolve("data"));
        Desk desk = Desk.open(RunFolders.ROOT, folder, data, new ChildCommand(List.of("false")));
        PathRoots roots = new PathRoots(List.of(data, RunFolders.ROOT.resolve("datasets")));
        drawings = TinyStudio.drawings(temporary, () -> false, event -> {});
        RunCheck check = new RunCheck(RunFolders.ROOT, roots, desk.control(), desk.runs());
        server = StudioServer.start(
                0,
                List.of(
                        new RunRoutes(desk.runs(), desk.control(), check),
                        new EvaluationRoutes(desk.control(), new EvaluationCheck(RunFolders.ROOT, roots)),
                        new FormRoutes(
                                CommandForm.train(RunFolders.ROOT),
                                CommandForm.evaluate(RunFolders.ROOT),
                                new AdapterList(folder)),
                        new PictureRoutes(new PictureFolders(data.resolve("pictures"))),
                        new EventRoutes(new Events()),
                        new DrawRoutes(drawings)));
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        drawings.close();
    }

    private HttpResponse<String> send(String method, String path, byte[] body, String type) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .header("Authorization", "Bearer " + server.key().text())
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        if (body.length > 0) {
            request.header("Content-Type", type);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send("GET", path, new byte[0], "");
    }

    private HttpResponse<String> json(String method, String path, String body) throws Exception {
        return send(method, path, body.getBytes(StandardCharsets.UTF_8), "application/json");
    }

    @Test
    void theDescriptionHasTheRoutesThatThereAre() throws Exception {
        JsonNode description = Json.read(get("/api/v1/openapi.json").body());
        assertThat(description.path("openapi").asText()).isEqualTo("3.1.0");
        Set<String> described = new TreeSet<>();
        description
                .path("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .fieldNames()
                        .forEachRemaining(
                                method -> described.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));
        Set<String> registered = new TreeSet<>();
        server.routes().stream()
                .filter(route -> route.contains(" /api/v1/"))
                .forEach(route -> registered.add(route.replace('<', '{').replace('>', '}')));
        assertThat(registered).containsExactlyInAnyOrderElementsOf(described);
    }

    @Test
    void noRouteAnswersWithoutTheKey() throws Exception {
        RawHttp raw = new RawHttp(server.port());
        assertThat(server.routes()).contains("POST /api/v1/runs/{name}/evaluate");
        for (String route : server.routes()) {
            assertThat(raw.send(route.replaceAll("[{<]\\w+[}>]", "x")).status())
                    .as(route)
                    .isEqualTo(401);
        }
    }

    @Test
    void everyReferenceOfTheDescriptionIsThereAndEveryPathNamesItsParameters() throws Exception {
        String text = get("/api/v1/openapi.json").body();
        JsonNode description = Json.read(text);
        for (JsonNode reference : description.findValues("$ref")) {
            assertThat(description.at(reference.asText().substring(1)).isMissingNode())
                    .as(reference.asText())
                    .isFalse();
        }
        description
                .path("paths")
                .properties()
                .forEach(path -> path.getValue().forEach(operation -> {
                    Set<String> named = new TreeSet<>();
                    operation.path("parameters").forEach(each -> {
                        if (each.path("in").asText().equals("path")) {
                            named.add("{" + each.path("name").asText() + "}");
                        }
                    });
                    Set<String> used = new TreeSet<>();
                    Pattern.compile("\\{\\w+}")
                            .matcher(path.getKey())
                            .results()
                            .forEach(each -> used.add(each.group()));
                    assertThat(named).as(path.getKey()).isEqualTo(used);
                }));
    }

    @Test
    void answersHaveTheFieldsThatTheDescriptionNames() throws Exception {
        Path run = RunFolders.write(folder, "demo", 12, 100);
        Files.writeString(run.resolve("ledger.csv"), "image,sha256,verdict,rule,reason\na.png,x,included,open,\n");
        JsonNode schemas = Json.read(get("/api/v1/openapi.json").body()).at("/components/schemas");
        fields(schemas, "RunSummary", Json.read(get("/api/v1/runs").body()).get(0));
        fields(schemas, "RunDetail", Json.read(get("/api/v1/runs/demo").body()));
        Files.writeString(run.resolve("adapter.safetensors"), "");
        JsonNode evaluation = Json.read(get("/api/v1/runs/demo/evaluation").body());
        fields(schemas, "EvaluationDetail", evaluation);
        fields(schemas, "Evaluation", evaluation.path("evaluation"));
        fields(schemas, "Metrics", Json.read(get("/api/v1/runs/demo/metrics").body()));
        fields(schemas, "LedgerPage", Json.read(get("/api/v1/runs/demo/ledger").body()));
        JsonNode check = Json.read(json("POST", "/api/v1/runs/check", "{\"set\":{\"train.steps\":5}}")
                .body());
        fields(schemas, "CheckResult", check);
        fields(schemas, "Size", check.path("size"));
        JsonNode form = Json.read(get("/api/v1/settings/train?experiment=style").body());
        fields(schemas, "Form", form);
        JsonNode key = schemas.at("/Form/properties/keys/items/required");
        assertThat(form.at("/keys/0").size()).isEqualTo(key.size());
        fields(schemas, "Error", Json.read(get("/api/v1/runs/none").body()));
        JsonNode draw = Json.read(
                json("POST", "/api/v1/draws", "{\"set\":{\"prompt\":\"a fox\",\"steps\":1,\"safety\":\"off\"}}")
                        .body());
        fields(schemas, "Draw", draw);
        assertThat(drawings.find(draw.path("id").asText()).orElseThrow().await(60))
                .isTrue();
        JsonNode drawn =
                Json.read(get("/api/v1/draws/" + draw.path("id").asText()).body());
        assertThat(names(drawn)).containsAll(required(schemas, "DrawResult"));
        assertThat(names(drawn.at("/files/0"))).containsAll(required(schemas, "DrawnPicture"));
        JsonNode adapter = schemas.path("Adapter").path("required");
        assertThat(adapter).hasSize(AdapterInfo.class.getRecordComponents().length);
    }

    private static Set<String> required(JsonNode schemas, String name) {
        Set<String> described = new TreeSet<>();
        schemas.path(name).path("required").forEach(each -> described.add(each.asText()));
        return described;
    }

    private static Set<String> names(JsonNode answer) {
        Set<String> answered = new TreeSet<>();
        answer.fieldNames().forEachRemaining(answered::add);
        return answered;
    }

    private static void fields(JsonNode schemas, String name, JsonNode answer) {
        assertThat(names(answer)).as(name).isEqualTo(required(schemas, name));
    }

    @Test
    void aRunsFiguresComeAsNumbersAndNull() throws Exception {
        RunFolders.write(folder, "demo", 10, 100);
        JsonNode metrics = Json.read(get("/api/v1/runs/demo/metrics?after=8").body());
        assertThat(metrics.at("/rows/0/0").asInt()).isEqualTo(9);
        assertThat(metrics.at("/rows/0/6").isNull()).isTrue();
        assertThat(metrics.at("/rows/1/6").asDouble()).isEqualTo(0.25);
        assertThat(get("/api/v1/runs/demo/metrics?after=x").statusCode()).isEqualTo(422);
    }

    @Test
    void pathsThatLeadOutFindNothing() throws Exception {
        Path run = RunFolders.write(folder, "demo", 1, 1);
        Path secret = Files.writeString(temporary.resolve("secret.txt"), "the secret");
        Files.createSymbolicLink(run.resolve("out.txt"), secret);
        RawHttp raw = new RawHttp(server.port());
        String key = "Authorization: Bearer " + server.key().text();
        for (String path : List.of(
                "/api/v1/runs/demo/files/../../../secret.txt",
                "/api/v1/runs/demo/files/..%2f..%2f..%2fsecret.txt",
                "/api/v1/runs/demo/files/%2e%2e/%2e%2e/secret.txt",
                "/api/v1/runs/demo/files//" + secret,
                "/api/v1/runs/demo/files/out.txt",
                "/api/v1/runs/demo/files/x%00.txt",
                "/api/v1/runs/demo/files/..\\..\\secret.txt",
                "/api/v1/runs/../secret.txt",
                "/api/v1/runs/..%2f/files/secret.txt",
                "/api/v1/runs/demo/samples/..%2fresolved.conf",
                "/api/v1/runs/demo/report/..;/resolved.conf",
                "/api/v1/runs/%2e%2e/files/secret.txt",
                "/api/v1/pictures/..%2f..%2f/secret.txt")) {
            RawHttp.Answer answer = raw.send("GET " + path, key);
            assertThat(answer.status()).as(path).isIn(400, 404);
            assertThat(answer.text()).as(path).doesNotContain("the secret").doesNotContain("steps=");
        }
        assertThat(raw.send("GET /api/v1/runs/demo/files/resolved.conf", key).status())
                .isEqualTo(200);
    }

    @Test
    void filesHaveFixedTypesAndOthersAreSaved() throws Exception {
        Path run = RunFolders.write(folder, "demo", 1, 1);
        for (String name : List.of("a.svg", "a.html", "a.safetensors", "a.txt", "a.png", "a.xml")) {
            Files.writeString(run.resolve(name), "<script>alert(1)</script>");
        }
        for (String name : List.of("a.svg", "a.html", "a.safetensors", "a.xml")) {
            HttpResponse<String> answer = get("/api/v1/runs/demo/files/" + name);
            assertThat(answer.headers().firstValue("Content-Disposition").orElse(""))
                    .as(name)
                    .startsWith("attachment");
            assertThat(answer.headers().firstValue("Content-Type")).contains("application/octet-stream");
        }
        assertThat(get("/api/v1/runs/demo/files/a.txt").headers().firstValue("Content-Type"))
                .contains("text/plain;charset=utf-8");
        assertThat(get("/api/v1/runs/demo/files/a.png").headers().firstValue("Content-Type"))
                .contains("image/png");
    }

    @Test
    void aReportMayBeFramedByUsAndRunsNoScript() throws Exception {
        Path run = RunFolders.write(folder, "demo", 1, 1);
        Files.createDirectories(run.resolve("evaluation"));
        Files.writeString(run.resolve("evaluation/report.html"), "<h1>figures</h1>");
        assertThat(get("/api/v1/runs/demo/report")
                        .headers()
                        .firstValue("Location")
                        .orElse(""))
                .endsWith("/api/v1/runs/demo/report/report.html");
        HttpResponse<String> page = get("/api/v1/runs/demo/report/report.html");
        assertThat(page.body()).isEqualTo("<h1>figures</h1>");
        assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
                .contains("sandbox", "frame-ancestors 'self'", "default-src 'none'")
                .doesNotContain("script");
        assertThat(get("/api/v1/runs/none/report").statusCode()).isEqualTo(404);
    }

    @Test
    void picturesAreTakenWithTheirCaptions() throws Exception {
        JsonNode made = Json.read(
                json("POST", "/api/v1/pictures", "{\"name\":\"cats\"}").body());
        assertThat(made.path("name").asText()).isEqualTo("cats");
        assertThat(Json.read(json("POST", "/api/v1/pictures", "{\"name\":\"cats\"}")
                                .body())
                        .path("name")
                        .asText())
                .isEqualTo("cats-2");
        assertThat(send("PUT", "/api/v1/pictures/cats/a.png", PNG, "image/png").statusCode())
                .isEqualTo(200);
        assertThat(json("PUT", "/api/v1/pictures/cats/a.png/caption", "{\"caption\":\"a cat\"}")
                        .statusCode())
                .isEqualTo(200);
        JsonNode folder = Json.read(get("/api/v1/pictures/cats").body());
        assertThat(folder.at("/pictures/0/caption").asText()).isEqualTo("a cat");
        assertThat(Path.of(folder.path("pairs").asText()).resolve("a.txt")).hasContent("a cat");
        assertThat(send("DELETE", "/api/v1/pictures/cats/a.png", new byte[0], "")
                        .statusCode())
                .isEqualTo(200);
        assertThat(Path.of(folder.path("pairs").asText())).isEmptyDirectory();
    }

    @Test
    void whatIsNoPictureIsNotTaken() throws Exception {
        json("POST", "/api/v1/pictures", "{\"name\":\"cats\"}");
        byte[] wide = PNG.clone();
        wide[16] = 0x7f;
        wide[20] = 0x7f;
        assertThat(send("PUT", "/api/v1/pictures/cats/a.png", "<svg/>".getBytes(StandardCharsets.UTF_8), "image/png")
                        .statusCode())
                .isEqualTo(422);
        assertThat(send("PUT", "/api/v1/pictures/cats/a.png", wide, "image/png").body())
                .contains("pixels");
        assertThat(send("PUT", "/api/v1/pictures/cats/a.svg", PNG, "image/png").statusCode())
                .isEqualTo(422);
        assertThat(send("PUT", "/api/v1/pictures/none/a.png", PNG, "image/png").statusCode())
                .isEqualTo(404);
        for (String name : List.of("..", "a/b", ".x", "")) {
            assertThat(json("POST", "/api/v1/pictures", "{\"name\":\"" + name + "\"}")
                            .statusCode())
                    .isEqualTo(422);
        }
    }

    @Test
    void aRunThatIsWrongIsNotQueued() throws Exception {
        HttpResponse<String> answer =
                json("POST", "/api/v1/runs", "{\"set\":{\"train.steps\":0,\"x.y\":1},\"queue\":true}");
        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(Json.read(answer.body()).at("/error/problems")).hasSizeGreaterThanOrEqualTo(2);
        assertThat(get("/api/v1/queue").body()).isEqualTo("[]");
        HttpResponse<String> queued =
                json("POST", "/api/v1/runs", "{\"set\":{\"train.steps\":5,\"run.name\":\"five\"},\"queue\":true}");
        assertThat(queued.statusCode()).isEqualTo(201);
        JsonNode queue = Json.read(get("/api/v1/queue").body());
        assertThat(queue.at("/0/name").asText()).isEqualTo("five");
        assertThat(queue.at("/0/changes/0").asText()).isEqualTo("train.steps=5");
        assertThat(send("DELETE", "/api/v1/queue/" + queue.at("/0/id").asText(), new byte[0], "")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void anEvaluationIsStartedAndWhatCannotBeIsTold() throws Exception {
        Path run = RunFolders.write(folder, "demo", 12, 12);
        assertThat(json("POST", "/api/v1/runs/none/evaluate", "{}").statusCode())
                .isEqualTo(404);
        HttpResponse<String> early = json("POST", "/api/v1/runs/demo/evaluate", "{}");
        assertThat(early.statusCode()).isEqualTo(409);
        assertThat(early.body()).contains("it left no adapter");
        Files.writeString(run.resolve("adapter.safetensors"), "");
        Files.writeString(run.resolve("ledger.csv"), "image\n");
        assertThat(Json.read(json(
                                        "POST",
                                        "/api/v1/runs/demo/evaluate",
                                        "{\"set\":{\"evaluation.seeds\":0,\"evaluation.stepz\":4,\"out\":\"/tmp\"}}")
                                .body())
                        .findValuesAsText("fact"))
                .contains("it cannot be set here");
        HttpResponse<String> wrong = json("POST", "/api/v1/runs/demo/evaluate", "{\"set\":{\"evaluation.stepz\":4}}");
        assertThat(wrong.statusCode()).isEqualTo(422);
        assertThat(wrong.body()).contains("evaluation.stepz", "evaluation.steps");
        HttpResponse<String> outside =
                json("POST", "/api/v1/runs/demo/evaluate", "{\"set\":{\"evaluation.clip\":\"/etc\"}}");
        assertThat(outside.statusCode()).isEqualTo(422);
        assertThat(outside.body()).contains("studio.roots");
        HttpResponse<String> started = json("POST", "/api/v1/runs/demo/evaluate", "{\"set\":{\"evaluation.seeds\":2}}");
        assertThat(started.statusCode()).isEqualTo(202);
        assertThat(Json.read(started.body()).path("command").asText())
                .isEqualTo("scripts/atelier evaluate run=" + run + " evaluation.seeds=2");
        // The process that stands for evaluate ends with status 1 and says nothing.
        String state = "";
        for (int i = 0; i < 200 && !state.equals("failed"); i++) {
            Thread.sleep(20);
            state = Json.read(get("/api/v1/runs/demo/evaluation").body())
                    .at("/evaluation/state")
                    .asText();
        }
        assertThat(state).isEqualTo("failed");
        assertThat(json("POST", "/api/v1/runs/demo/evaluation/stop", "{}").statusCode())
                .isEqualTo(409);
    }
}
