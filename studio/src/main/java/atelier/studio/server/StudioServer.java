package atelier.studio.server;

import io.javalin.Javalin;
import java.util.List;

/** The studio's HTTP server, on 127.0.0.1 alone. */
public final class StudioServer implements AutoCloseable {
    private final Javalin javalin;

    private StudioServer(Javalin javalin) {
        this.javalin = javalin;
    }

    /**
     * Starts to listen.
     *
     * @param port 0 for any that is free
     * @param parts what is served
     */
    public static StudioServer start(int port, List<Routes> parts) {
        Javalin javalin = Javalin.create(config -> {
            config.startup.showJavalinBanner = false;
            config.startup.showOldJavalinVersionWarning = false;
            config.jetty.host = "127.0.0.1";
            config.jetty.port = port;
            parts.forEach(part -> part.addTo(config.routes));
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
