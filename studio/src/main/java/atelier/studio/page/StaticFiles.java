package atelier.studio.page;

import atelier.common.file.Sha256;
import atelier.common.page.Page;
import atelier.studio.server.Routes;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** The style sheet and the scripts: a fixed list, held in memory. */
final class StaticFiles implements Routes {
    private static final List<String> SCRIPTS = List.of(
            "app.js",
            "api.js",
            "live.js",
            "run.js",
            "chart.js",
            "form.js",
            "new.js",
            "evaluate.js",
            "pictures.js",
            "draw.js",
            "mask.js");

    @Override
    public void addTo(RoutesConfig routes) {
        add(routes, "studio.css", "text/css", Page.look() + Page.text(StaticFiles.class, "studio.css"));
        for (String script : SCRIPTS) {
            add(routes, script, "text/javascript", Page.text(StaticFiles.class, script));
        }
    }

    private static void add(RoutesConfig routes, String name, String type, String text) {
        String tag = "\"" + Sha256.of(text.getBytes(StandardCharsets.UTF_8)).substring(0, 16) + "\"";
        routes.get("/static/" + name, context -> answer(context, type, text, tag));
    }

    /** A browser asks each time, and is told when nothing has changed: an update of the studio shows at once. */
    private static void answer(Context context, String type, String text, String tag) {
        Map.of("ETag", tag, "Cache-Control", "no-cache").forEach(context::header);
        if (tag.equals(context.header("If-None-Match"))) {
            context.status(304);
        } else {
            context.contentType(type + "; charset=utf-8").result(text);
        }
    }
}
