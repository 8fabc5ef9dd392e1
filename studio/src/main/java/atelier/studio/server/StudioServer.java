package atelier.studio.server;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.javalin.Javalin;

/** The studio's HTTP server, on 127.0.0.1 alone. */
public final class StudioServer implements AutoCloseable {
    private final Javalin javalin;

    private StudioServer(Javalin javalin) {
        this.javalin = javalin;
    }

    /** @param port 0 for any that is free */
    public static StudioServer start(int port) {
        TemplateEngine templates = TemplateEngine.createPrecompiled(ContentType.Html);
        Javalin javalin = Javalin.create(config -> {
            config.startup.showJavalinBanner = false;
            config.startup.showOldJavalinVersionWarning = false;
            config.jetty.host = "127.0.0.1";
            config.jetty.port = port;
            config.routes.get("/", context -> {
                StringOutput page = new StringOutput();
                templates.render("runs.jte", "none yet", page);
                context.html(page.toString());
            });
        });
        javalin.start();
        return new StudioServer(javalin);
    }

    /** Where the page is. */
    public String link() {
        return "http://127.0.0.1:" + javalin.port() + "/";
    }

    @Override
    public void close() {
        javalin.stop();
    }
}
