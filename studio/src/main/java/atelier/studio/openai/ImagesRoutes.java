package atelier.studio.openai;

import atelier.common.file.JsonText;
import atelier.studio.draw.AskedDrawing;
import atelier.studio.draw.DrawFault;
import atelier.studio.draw.Drawing;
import atelier.studio.draw.Drawings;
import atelier.studio.draw.DrawnPicture;
import atelier.studio.draw.ModelNames;
import atelier.studio.draw.SentJson;
import atelier.studio.draw.SentPicture;
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
import io.javalin.http.UploadedFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Models, images from a prompt, and images from an image and a prompt. */
public final class ImagesRoutes implements Routes {
    private static final ObjectMapper JSON = JsonText.mapper();
    private static final long WAIT_SECONDS = 24 * 60 * 60;

    private final Drawings drawings;

    public ImagesRoutes(Drawings drawings) {
        this.drawings = drawings;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.get("/v1/models", answering(this::models));
        // A merged model's name has a slash in it.
        routes.get("/v1/models/<name>", answering(this::model));
        routes.post("/v1/images/generations", answering(context -> draw(context, json(context), Map.of())));
        routes.post("/v1/images/edits", answering(this::edit));
    }

    private static Handler answering(Handler handler) {
        return context -> {
            try {
                handler.handle(context);
            } catch (ImagesFault e) {
                fault(context, e);
            } catch (HttpResponseException | IllegalStateException e) {
                int status = e instanceof HttpResponseException told ? told.getStatus() : 400;
                fault(context, new ImagesFault(status, null, null, String.valueOf(e.getMessage())));
            } catch (RuntimeException e) {
                DrawFault told = DrawFault.of(e);
                if (!told.expected()) {
                    throw e;
                }
                fault(context, of(told));
            }
        };
    }

    private static ImagesFault of(DrawFault fault) {
        return switch (fault.status()) {
            case 403 -> new ImagesFault(403, "prompt", "content_policy_violation", fault.message());
            case 422 -> new ImagesFault(400, null, "invalid_value", fault.message());
            default -> new ImagesFault(fault.status(), null, null, fault.message());
        };
    }

    private static void fault(Context context, ImagesFault fault) {
        ObjectNode answer = JSON.createObjectNode();
        ObjectNode error = answer.putObject("error");
        error.put("message", fault.getMessage());
        error.put("type", fault.status() >= 500 ? "server_error" : "invalid_request_error");
        error.put("param", fault.parameter());
        error.put("code", fault.code());
        context.status(fault.status()).contentType("application/json").result(answer.toString());
    }

    private static void send(Context context, JsonNode answer) {
        context.contentType("application/json").result(answer.toString());
    }

    private void models(Context context) {
        ObjectNode answer = JSON.createObjectNode();
        answer.put("object", "list");
        ArrayNode all = answer.putArray("data");
        drawings.models().list().forEach(model -> all.add(told(model)));
        send(context, answer);
    }

    private void model(Context context) {
        String name = context.pathParam("name");
        send(
                context,
                told(drawings.models()
                        .lookUp(name)
                        .orElseThrow(() -> new ImagesFault(
                                404, "model", "model_not_found", "model: there is no model '" + name + "'"))));
    }

    private static ObjectNode told(ModelNames.Model model) {
        ObjectNode node = JSON.createObjectNode();
        node.put("id", model.name());
        node.put("object", "model");
        node.put("created", model.path().toFile().lastModified() / 1000);
        node.put("owned_by", "atelier");
        return node;
    }

    private static Map<String, Object> json(Context context) throws IOException {
        JsonNode body = Bodies.json(context, SentJson.MOST);
        Map<String, Object> fields = new LinkedHashMap<>();
        body.fields().forEachRemaining(each -> {
            Object value = SentJson.plain(each.getValue());
            if (value != null) {
                fields.put(each.getKey(), value);
            }
        });
        return fields;
    }

    /** The official clients send a form of parts; JSON with base64 is taken too. */
    private void edit(Context context) throws IOException, InterruptedException {
        String type = String.valueOf(context.contentType());
        Map<String, Object> fields = new LinkedHashMap<>();
        Map<String, SentPicture> sent = new HashMap<>();
        if (type.startsWith("multipart/")) {
            for (Map.Entry<String, List<UploadedFile>> each :
                    context.uploadedFileMap().entrySet()) {
                String name = each.getKey().replaceFirst("\\[]$", "");
                if (each.getValue().size() != 1 || sent.containsKey(name)) {
                    throw ImagesFault.wrong(name, name + ": one picture can be edited at a time");
                }
                try (InputStream in = each.getValue().get(0).content()) {
                    sent.put(name, SentPicture.of(name, in.readAllBytes()));
                }
            }
            context.formParamMap().forEach((name, values) -> {
                if (!values.isEmpty()) { // of a file's part there are none
                    fields.put(name, values.get(values.size() - 1));
                }
            });
        } else {
            fields.putAll(json(context));
            for (String name : List.of("image", "mask")) {
                if (fields.remove(name) instanceof String text) {
                    sent.put(name, SentPicture.ofBase64(name, text));
                }
            }
        }
        SentPicture image = sent.remove("image");
        SentPicture mask = sent.remove("mask");
        if (image == null) {
            throw new ImagesFault(400, "image", "missing_required_parameter", "image: it is missing; send a picture");
        }
        if (!sent.isEmpty()) {
            String other = sent.keySet().iterator().next();
            throw ImagesFault.wrong(other, other + ": a picture is sent as image or mask");
        }
        Map<String, SentPicture> pictures = new HashMap<>(Map.of("init_image", image));
        Optional<SentPicture> marks = EditMask.of("mask", mask == null ? image : mask);
        if (mask != null && marks.isEmpty()) {
            throw ImagesFault.wrong(
                    "mask",
                    "mask: it is opaque throughout, so nothing would be drawn; make transparent what is drawn anew");
        }
        marks.ifPresent(each -> pictures.put("mask", each));
        draw(context, fields, pictures);
    }

    private void draw(Context context, Map<String, Object> fields, Map<String, SentPicture> pictures)
            throws IOException, InterruptedException {
        ImagesRequest request = new ImagesRequest(fields);
        AskedDrawing asked = request.asked(pictures, drawings.models());
        Drawing drawing = drawings.draw(asked);
        drawing.await(WAIT_SECONDS);
        Optional<Throwable> fault = drawing.fault();
        if (fault.isPresent()) {
            throw of(DrawFault.of(fault.get()));
        }
        ObjectNode answer = JSON.createObjectNode();
        answer.put("created", drawing.asked().getEpochSecond());
        ArrayNode data = answer.putArray("data");
        for (DrawnPicture picture : drawing.pictures()) {
            data.addObject()
                    .put("b64_json", Base64.getEncoder().encodeToString(Files.readAllBytes(picture.file())))
                    .put("seed", picture.seed());
        }
        answer.put("output_format", request.format());
        send(context, answer);
    }
}
