package atelier.studio.api;

import atelier.common.error.WrongCommandException;
import atelier.studio.server.Bodies;
import atelier.studio.server.Json;
import atelier.studio.server.Routes;
import com.fasterxml.jackson.databind.JsonNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.util.Map;

/**
 * Pictures that come over the page. A picture is sent as its bytes, one a request: a form of another site can send neither
 * PUT nor such a type, and the rules on Origin hold as everywhere.
 */
public final class PictureRoutes implements Routes {
    private static final String FOLDER = "/api/v1/pictures/{folder}";
    private static final String PICTURE = FOLDER + "/{file}";
    private static final long LARGEST = 64 << 20;

    private final PictureFolders folders;

    public PictureRoutes(PictureFolders folders) {
        this.folders = folders;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.get("/api/v1/pictures", context -> Json.answer(context, folders.list()));
        routes.post(
                "/api/v1/pictures",
                context -> Json.answer(context.status(201), folders.create(text(Bodies.json(context), "name"))));
        routes.get(FOLDER, context -> Json.answer(context, folders.read(folder(context))));
        routes.get(PICTURE, context -> FileAnswer.send(context, folders.picture(folder(context), file(context))));
        routes.put(
                PICTURE,
                context -> Json.answer(
                        context, folders.put(folder(context), file(context), Bodies.bytes(context, LARGEST))));
        routes.put(
                PICTURE + "/caption",
                context -> Json.answer(
                        context,
                        folders.caption(folder(context), file(context), text(Bodies.json(context), "caption"))));
        routes.delete(PICTURE, context -> {
            folders.remove(folder(context), file(context));
            Json.answer(context, Map.of());
        });
    }

    private static String folder(Context context) {
        return context.pathParam("folder");
    }

    private static String file(Context context) {
        return context.pathParam("file");
    }

    private static String text(JsonNode body, String name) {
        if (!body.path(name).isTextual()) {
            throw new WrongCommandException(name, "it is missing, or no text", "send {\"" + name + "\": \"...\"}");
        }
        return body.path(name).asText();
    }
}
