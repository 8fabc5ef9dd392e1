package atelier.studio.api;

import atelier.common.error.WrongCommandException;
import atelier.studio.check.Changes;
import atelier.studio.check.RunCheck;
import atelier.studio.job.QueueEntry;
import atelier.studio.run.LedgerPage;
import atelier.studio.run.RunControl;
import atelier.studio.run.Runs;
import atelier.studio.server.Bodies;
import atelier.studio.server.Json;
import atelier.studio.server.Routes;
import atelier.studio.server.SecurityHeaders;
import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs and the queue. */
public final class RunRoutes implements Routes {
    private static final String RUN = "/api/v1/runs/{name}";
    private static final int PAGE = 100;

    private final Runs runs;
    private final RunControl control;
    private final RunCheck check;

    public RunRoutes(Runs runs, RunControl control, RunCheck check) {
        this.runs = runs;
        this.control = control;
        this.check = check;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.get("/api/v1/runs", context -> Json.answer(context, runs.list()));
        routes.post("/api/v1/runs", this::start);
        routes.post("/api/v1/runs/check", context -> Json.answer(context, check.check(changes(Bodies.json(context)))));
        routes.get(RUN, context -> Json.answer(context, runs.detail(name(context))));
        routes.delete(RUN, context -> {
            control.forget(name(context));
            Json.answer(context, Map.of());
        });
        routes.get(
                RUN + "/changes",
                context -> Json.answer(
                        context, Changes.request(runs.detail(name(context)).overrides())));
        routes.get(
                RUN + "/metrics",
                context -> Json.answer(
                        context, runs.metrics(name(context), whole(context.queryParam("after"), "after", 0))));
        routes.get(RUN + "/samples", context -> Json.answer(context, runs.samples(name(context))));
        routes.get(RUN + "/samples/{file}", context -> file(context, "samples/" + context.pathParam("file")));
        routes.get(RUN + "/ledger", this::ledger);
        routes.get(RUN + "/log", context -> Json.answer(context, Map.of("log", log(name(context)))));
        routes.get(RUN + "/report", context -> {
            runs.file(name(context), "evaluation/report.html");
            context.redirect(context.path() + "/report.html");
        });
        routes.get(RUN + "/report/<file>", context -> {
            SecurityHeaders.report(context);
            FileAnswer.sendReport(context, runs.file(name(context), "evaluation/" + context.pathParam("file")));
        });
        routes.get(RUN + "/files/<file>", context -> file(context, context.pathParam("file")));
        routes.post(RUN + "/stop", context -> {
            control.stop(name(context));
            Json.answer(context.status(202), runs.summary(name(context)));
        });
        routes.post(RUN + "/resume", context -> {
            boolean waits = Bodies.json(context).path("queue").asBoolean(false);
            control.resume(name(context), waits);
            control.next();
            Json.answer(context.status(202), runs.summary(name(context)));
        });
        routes.get(
                "/api/v1/queue", context -> Json.answer(context, control.queue().entries()));
        routes.post("/api/v1/queue/{id}/move", this::move);
        routes.delete(
                "/api/v1/queue/{id}",
                context -> Json.answer(context, control.queue().remove(context.pathParam("id"))));
    }

    private static String name(Context context) {
        return context.pathParam("name");
    }

    private List<String> changes(JsonNode request) {
        return Changes.of(request, check.groups(), Changes.TRAIN);
    }

    private void start(Context context) throws IOException {
        JsonNode request = Bodies.json(context);
        List<String> changes = changes(request);
        check.require(changes);
        if (request.path("queue").asBoolean(false)) {
            QueueEntry entry = control.enqueue(changes);
            Json.answer(context.status(201), Map.of("name", entry.name(), "queued", entry));
        } else {
            RunControl.NewRun run = control.start(changes);
            Json.answer(context.status(201), Map.of("name", run.name(), "command", run.command()));
        }
    }

    private void file(Context context, String relative) throws IOException {
        FileAnswer.send(context, runs.file(name(context), relative));
    }

    private String log(String name) throws IOException {
        runs.summary(name);
        return runs.log(name);
    }

    private void ledger(Context context) throws IOException {
        String verdict = context.queryParam("verdict");
        LedgerPage.Query query = new LedgerPage.Query(
                verdict == null || verdict.isEmpty() ? null : verdict,
                (int) whole(context.queryParam("from"), "from", 0),
                (int) whole(context.queryParam("count"), "count", PAGE));
        Json.answer(context, runs.ledger(name(context), query));
    }

    private void move(Context context) throws IOException {
        JsonNode position = Bodies.json(context).path("position");
        if (!position.isInt()) {
            throw new WrongCommandException("position", "it is not a whole number", "0 is the place of the next run");
        }
        control.queue().move(context.pathParam("id"), position.asInt());
        Json.answer(context, control.queue().entries());
    }

    private static long whole(@Nullable String text, String name, long otherwise) {
        if (text == null || text.isEmpty()) {
            return otherwise;
        }
        if (!text.matches("\\d{1,9}")) {
            throw new WrongCommandException(name, "'" + text + "' is not a whole number from 0 on", "write one");
        }
        return Long.parseLong(text);
    }
}
