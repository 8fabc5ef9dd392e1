package atelier.studio.page;

import atelier.studio.event.EventRoutes;
import atelier.studio.event.Events;
import atelier.studio.server.Json;
import atelier.studio.server.Routes;
import atelier.studio.server.SecurityHeaders;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Answers in the forms of /api/v1, always the same, for tests of the pages alone. */
final class FakeRoutes implements Routes {
    static final Path ROOT =
            Path.of(System.getProperty("atelier.root", "..")).toAbsolutePath().normalize();
    private static final ObjectMapper JSON =
            new ObjectMapper().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);

    private final FakeData data;
    final Events events = new Events();
    /** Requests that change something: method, path and body. */
    final List<String> asked = Collections.synchronizedList(new ArrayList<>());

    FakeRoutes(FakeData data) {
        this.data = data;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        new EventRoutes(events).addTo(routes);
        routes.get("/api/v1/runs/{name}/samples/{file}", FakeRoutes::picture);
        routes.get("/api/v1/draws/{id}/files/{file}", FakeRoutes::picture);
        routes.get("/api/v1/runs/{name}/report/report.html", context -> {
            SecurityHeaders.report(context);
            context.html("<!doctype html><html lang=\"en\"><title>Report</title><main><h1>Report</h1></main></html>");
        });
        routes.get(
                "/api/v1/runs/{name}/metrics",
                context -> Json.answer(context, data.metrics(context.pathParam("name"))));
        routes.get("/api/v1/settings/train", context -> json(context, data.form()));
        routes.post("/api/v1/runs/check", context -> {
            asked.add("check " + context.body());
            json(context, checked(context.body()));
        });
        routes.post("/api/v1/runs", context -> {
            asked.add("start " + context.body());
            json(context, Map.of("name", "demo"));
        });
        for (String what : List.of("stop", "resume")) {
            routes.post("/api/v1/runs/{name}/" + what, context -> {
                asked.add(what + " " + context.pathParam("name"));
                json(context, Map.of());
            });
        }
        routes.post("/api/v1/runs/{name}/evaluate", context -> {
            asked.add("evaluate " + context.pathParam("name") + " " + context.body());
            json(context, Map.of("evaluation", Map.of("state", "running")));
        });
        routes.post("/api/v1/queue/{id}/move", context -> {
            asked.add("move " + context.pathParam("id") + " " + context.body());
            json(context, Map.of());
        });
        routes.get("/api/v1/draws", context -> json(context, Map.of("draws", List.of(drawing("done")))));
        routes.post("/api/v1/draws", context -> {
            asked.add("draw " + context.body());
            json(context, drawing("done"));
        });
        routes.get("/api/v1/draws/{id}", context -> json(context, drawing("done")));
    }

    private static Object checked(String body) {
        if (body.contains("wrong")) {
            return Map.of(
                    "ok",
                    false,
                    "problems",
                    List.of(
                            Map.of(
                                    "key",
                                    "train.steps",
                                    "place",
                                    "train.steps",
                                    "fact",
                                    "'wrong' is no whole number",
                                    "remedy",
                                    "write one such as 300"),
                            Map.of(
                                    "key",
                                    "data.resolution",
                                    "place",
                                    "data.resolution",
                                    "fact",
                                    "it must be a multiple of 8",
                                    "remedy",
                                    "")),
                    "command",
                    "scripts/atelier train train.steps=wrong");
        }
        return Map.of(
                "ok",
                true,
                "problems",
                List.of(),
                "command",
                "scripts/atelier train",
                "counts",
                Map.of("included", 327, "excluded", 9),
                "left",
                List.of(Map.of(
                        "row",
                        Map.of(
                                "image", "images/1F98D.png",
                                "verdict", "excluded",
                                "rule", "creator",
                                "reason", "Mariella Steeb opted out",
                                "list", "datasets/demo/optout.jsonl",
                                "line", "4"),
                        "remedy",
                        "leave it out, or record a grant in licence.grants")),
                "size",
                Map.of(
                        "steps",
                        300,
                        "pictures_per_step",
                        8,
                        "epochs",
                        7.3,
                        "memory_bytes",
                        1_400_000_000L,
                        "on_card",
                        false,
                        "free_memory_bytes",
                        12_000_000_000L,
                        "disk_bytes",
                        90_000_000L,
                        "seconds",
                        240,
                        "like",
                        "demo"));
    }

    private static Map<String, Object> drawing(String state) {
        List<Map<String, Object>> files = List.of(file("1.png", 7, 0.0), file("2.png", 7, 0.5), file("3.png", 7, 1.0));
        return Map.of(
                "id",
                "d1",
                "state",
                state,
                "progress",
                1,
                "picture",
                3,
                "pictures",
                3,
                "step",
                0,
                "steps",
                30,
                "files",
                files,
                "grid",
                Map.of(
                        "rows", List.of("demo"),
                        "columns", List.of(0, 0.5, 1),
                        "cells", List.of(List.of("1.png", "2.png", "3.png")),
                        "equal", List.of(List.of(Map.of("row", -1, "column", 0), Map.of("row", 0, "column", 1)))));
    }

    private static Map<String, Object> file(String name, int seed, double strength) {
        return Map.of(
                "name",
                name,
                "url",
                "/api/v1/draws/d1/files/" + name,
                "seed",
                seed,
                "strength",
                strength,
                "prompt",
                "red apple",
                "record",
                Map.of("prompt", "red apple", "seed", seed, "sampler", Map.of("name", "dpmpp_2m", "steps", 30)));
    }

    private static void picture(Context context) throws Exception {
        context.contentType("image/png").result(Files.readAllBytes(ROOT.resolve("docs/before-after.png")));
    }

    private static void json(Context context, Object value) throws Exception {
        context.contentType("application/json").result(JSON.writeValueAsString(value));
    }
}
