package atelier.studio.draw;

import atelier.cli.config.NearestNames;
import atelier.common.error.WrongCommandException;
import atelier.common.file.JsonText;
import atelier.studio.server.Bodies;
import atelier.studio.server.NotFoundException;
import atelier.studio.server.Routes;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/** {@code /api/v1/draws}: asks for drawings, tells how far they are, and serves their pictures. */
public final class DrawRoutes implements Routes {
    private static final String TOP = "/api/v1/draws";
    private static final ObjectMapper JSON = JsonText.mapper();
    private static final List<String> FIELDS = List.of("set", "model", "init_image", "mask", "from_image", "grid");
    private static final List<String> PICTURES = List.of("init_image", "mask", "from_image");
    private static final int LISTED = 100;
    private static final int ACCEPTED = 202;
    private static final long PREVIEW_WAIT_MS = 5_000;

    private final Drawings drawings;

    public DrawRoutes(Drawings drawings) {
        this.drawings = drawings;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.get(TOP, this::list);
        routes.post(TOP, this::ask);
        routes.get(TOP + "/{id}", this::tell);
        routes.delete(TOP + "/{id}", this::remove);
        routes.post(TOP + "/{id}/stop", this::stop);
        routes.get(TOP + "/{id}/preview", this::preview);
        routes.get(TOP + "/{id}/files/{file}", this::file);
    }

    private static void send(Context context, int status, JsonNode answer) {
        context.status(status).contentType("application/json").result(answer.toString());
    }

    private void list(Context context) throws IOException {
        ArrayNode all = JSON.createArrayNode();
        for (Drawing waiting : drawings.waiting()) {
            all.add(DrawJson.brief(waiting));
        }
        List<String> waiting = drawings.waiting().stream().map(Drawing::id).toList();
        for (String id : drawings.ids().stream().limit(LISTED).toList()) {
            Optional<JsonNode> told = waiting.contains(id) ? Optional.empty() : drawings.tell(id);
            told.ifPresent(all::add);
        }
        send(context, 200, JSON.createObjectNode().set("draws", all));
    }

    private void ask(Context context) throws IOException {
        Drawing drawing = drawings.draw(asked(Bodies.json(context, SentJson.MOST)));
        context.header("Location", TOP + "/" + drawing.id());
        send(context, ACCEPTED, DrawJson.brief(drawing));
    }

    private AskedDrawing asked(JsonNode body) {
        body.fieldNames().forEachRemaining(name -> {
            if (!FIELDS.contains(name)) {
                throw new WrongCommandException(
                        "'" + name + "'",
                        "is no field of a request to draw",
                        NearestNames.question(name, FIELDS, "there are " + String.join(", ", FIELDS)));
            }
        });
        Map<String, Object> set = new LinkedHashMap<>();
        Map<String, SentPicture> pictures = new HashMap<>();
        for (String name : PICTURES) {
            text(body, name).ifPresent(sent -> pictures.put(name, picture(name, sent)));
        }
        JsonNode values = body.path("set");
        if (!values.isMissingNode() && !values.isObject()) {
            throw new WrongCommandException("set", "it is no object", "write {\"set\": {\"prompt\": \"a fox\"}}");
        }
        values.fields().forEachRemaining(each -> {
            Object value = SentJson.plain(each.getValue());
            if (PICTURES.contains(each.getKey()) && value instanceof String sent) {
                pictures.put(each.getKey(), picture(each.getKey(), sent));
            } else if (value != null) {
                set.put(each.getKey(), value);
            }
        });
        GridLayout grid = grid(body.path("grid"));
        if (grid != null) {
            if (set.containsKey("adapters")) {
                throw new WrongCommandException(
                        "adapters",
                        "a grid names its own adapters",
                        "name those that stay in the prompt: <lora:NAME:1>");
            }
            set.put("adapters", grid.rows());
        }
        return new AskedDrawing("api", text(body, "model").orElse(null), set, pictures, grid);
    }

    /** A picture in base64, or {@code draws/ID/FILE} for one that was drawn here. */
    private SentPicture picture(String name, String sent) {
        String[] parts = sent.length() > LISTED ? new String[0] : sent.split("/");
        if (parts.length != 3 || !parts[0].equals("draws")) {
            return SentPicture.ofBase64(name, sent);
        }
        try {
            Path file = drawings.picture(parts[1], parts[2])
                    .orElseThrow(() -> new WrongCommandException(
                            name, "there is no drawn picture '" + sent + "'", "send the picture itself in base64"));
            return SentPicture.of(name, Files.readAllBytes(file));
        } catch (IOException e) {
            throw new WrongCommandException(name + ": the picture '" + sent + "' cannot be read", e);
        }
    }

    private static Optional<String> text(JsonNode body, String name) {
        JsonNode value = body.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isTextual()) {
            throw new WrongCommandException(name, "it is no text", "");
        }
        return Optional.of(value.textValue());
    }

    private static @Nullable GridLayout grid(JsonNode grid) {
        if (grid.isMissingNode() || grid.isNull()) {
            return null;
        }
        List<String> adapters = new ArrayList<>();
        grid.path("adapters").forEach(each -> adapters.add(each.asText()));
        List<Double> strengths = new ArrayList<>();
        grid.path("strengths").forEach(each -> {
            if (!each.isNumber()) {
                throw new WrongCommandException("grid.strengths", "'" + each.asText() + "' is no number", "");
            }
            strengths.add(each.doubleValue());
        });
        return GridLayout.of(adapters, strengths);
    }

    private void tell(Context context) throws IOException {
        String id = context.pathParam("id");
        send(context, 200, drawings.tell(id).orElseThrow(() -> missing(id)));
    }

    private static NotFoundException missing(String id) {
        return new NotFoundException("draws", "there is no drawing '" + id + "'", "GET " + TOP + " lists them");
    }

    private void remove(Context context) throws IOException, InterruptedException {
        String id = context.pathParam("id");
        if (!drawings.remove(id)) {
            throw missing(id);
        }
        send(context, 200, JSON.createObjectNode().put("id", id));
    }

    private void stop(Context context) {
        String id = context.pathParam("id");
        Drawing drawing = drawings.find(id).orElseThrow(() -> missing(id));
        drawing.interrupt();
        send(context, 200, DrawJson.brief(drawing));
    }

    private void preview(Context context) throws IOException, InterruptedException {
        String id = context.pathParam("id");
        Drawing drawing = drawings.find(id).orElseThrow(() -> missing(id));
        BufferedImage picture = drawing.preview(PREVIEW_WAIT_MS)
                .orElseThrow(() -> new NotFoundException("draws", "'" + id + "' is not at work", ""));
        context.contentType("image/png");
        ImageIO.write(picture, "png", context.outputStream());
    }

    private void file(Context context) throws IOException {
        String name = context.pathParam("file");
        Path file = drawings.picture(context.pathParam("id"), name)
                .orElseThrow(() -> new NotFoundException("draws", "there is no such picture", ""));
        String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        context.contentType("image/" + (ending.equals("jpg") ? "jpeg" : ending));
        context.result(Files.newInputStream(file));
    }
}
