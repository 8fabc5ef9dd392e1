package atelier.studio.server;

import io.javalin.config.RoutesConfig;

/** A part of the server: some paths and what answers them. Who may ask has been checked before a handler is called. */
public interface Routes {
    /** Adds the paths. */
    void addTo(RoutesConfig routes);
}
