package atelier.studio.sdapi;

import atelier.common.file.JsonText;
import atelier.studio.draw.AskedDrawing;
import atelier.studio.draw.DrawFault;
import atelier.studio.draw.Drawing;
import atelier.studio.draw.Drawings;
import atelier.studio.draw.DrawnPicture;
import atelier.studio.draw.SentJson;
import atelier.studio.server.Bodies;
import atelier.studio.server.Routes;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HttpResponseException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Base64;
import java.util.Optional;

/** Draws, and tells how far a drawing is, as AUTOMATIC1111's web UI does. */
public final class SdRoutes implements Routes {
    static final String TOP = "/sdapi/v1/";
    private static final ObjectMapper JSON = JsonText.mapper();
    private static final long WAIT_SECONDS = 24 * 60 * 60;

    private final Drawings drawings;
    private final SdLists lists;
    private final SdProgress progress;

    public SdRoutes(Drawings drawings) {
        this.drawings = drawings;
        this.lists = new SdLists(drawings);
        this.progress = new SdProgress(drawings);
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.post(TOP + "txt2img", answering(context -> draw(context, false)));
        routes.post(TOP + "img2img", answering(context -> draw(context, true)));
        routes.get(TOP + "progress", answering(progress::tell));
        routes.post(TOP + "interrupt", answering(context -> {
            drawings.current().ifPresent(Drawing::interrupt);
            send(context, JSON.createObjectNode());
        }));
        routes.post(TOP + "skip", answering(context -> {
            drawings.current().ifPresent(Drawing::skip);
            send(context, JSON.createObjectNode());
        }));
        lists.addTo(routes);
    }

    /** Answers what goes wrong as FastAPI does, whose programs look for {@code detail}. */
    static Handler answering(Handler handler) {
        return context -> {
            try {
                handler.handle(context);
            } catch (SdFault e) {
                fault(context, e.status(), e.field(), String.valueOf(e.getMessage()));
            } catch (HttpResponseException e) {
                fault(context, e.getStatus(), "", String.valueOf(e.getMessage()));
            } catch (RuntimeException e) {
                DrawFault fault = DrawFault.of(e);
                if (!fault.expected()) {
                    throw e;
                }
                fault(context, fault.status(), "", fault.message());
            }
        };
    }

    private static void fault(Context context, int status, String field, String message) {
        ObjectNode answer = JSON.createObjectNode();
        answer.put("error", status == 404 ? "HTTPException" : "RequestRefused");
        answer.put("detail", message);
        answer.put("field", field);
        answer.put("body", "");
        answer.put("errors", message);
        context.status(status).contentType("application/json").result(answer.toString());
    }

    static void send(Context context, JsonNode answer) {
        context.contentType("application/json").result(answer.toString());
    }

    private void draw(Context context, boolean picture) throws IOException, InterruptedException {
        ObjectNode sent = (ObjectNode) Bodies.json(context, SentJson.MOST);
        SdBody body = SdBody.of(sent, picture);
        AskedDrawing asked = SdRequest.asked(body, picture, lists.options(), drawings.models());
        Drawing drawing = drawings.draw(asked);
        drawing.await(WAIT_SECONDS);
        Optional<Throwable> fault = drawing.fault();
        if (fault.isPresent()) {
            DrawFault told = DrawFault.of(fault.get());
            fault(context, told.status(), "", told.message());
            return;
        }
        ObjectNode answer = JSON.createObjectNode();
        ArrayNode images = answer.putArray("images");
        if (body.truth(SdField.SEND_IMAGES, true)) {
            for (DrawnPicture drawn : drawing.pictures()) {
                images.add(Base64.getEncoder().encodeToString(Files.readAllBytes(drawn.file())));
            }
        }
        answer.set("parameters", body.repeated());
        answer.put("info", SdInfo.of(drawing, asked.model(), drawings.models()));
        send(context, answer);
    }
}
