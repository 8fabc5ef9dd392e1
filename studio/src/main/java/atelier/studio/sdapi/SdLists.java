package atelier.studio.sdapi;

import static atelier.studio.sdapi.SdRoutes.TOP;

import atelier.common.file.JsonText;
import atelier.inference.foreign.ForeignRecord;
import atelier.inference.foreign.ForeignRecords;
import atelier.inference.picture.PictureFile;
import atelier.inference.picture.PictureTexts;
import atelier.inference.sampler.schedule.SamplerKind;
import atelier.studio.draw.AdapterNames;
import atelier.studio.draw.Drawings;
import atelier.studio.draw.ModelNames;
import atelier.studio.draw.SentJson;
import atelier.studio.draw.SentPicture;
import atelier.studio.server.Bodies;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What there is to draw with, the options, and what a picture says of itself. */
final class SdLists {
    private static final int WRONG = 422;
    private static final ObjectMapper JSON = JsonText.mapper();
    /** Lists of what is not here. */
    private static final List<String> EMPTY = List.of(
            "upscalers",
            "latent-upscale-modes",
            "sd-vae",
            "hypernetworks",
            "face-restorers",
            "realesrgan-models",
            "prompt-styles",
            "extensions",
            "script-info");

    private final Drawings drawings;
    private volatile SdOptions options = SdOptions.NONE;

    SdLists(Drawings drawings) {
        this.drawings = drawings;
    }

    /** Those that are set for all requests. */
    SdOptions options() {
        return options;
    }

    void addTo(RoutesConfig routes) {
        get(routes, "options", () -> options.told(drawings.models(), 0, "torch"));
        get(routes, "samplers", SdLists::samplers);
        get(routes, "schedulers", SdLists::schedulers);
        get(routes, "sd-models", this::models);
        get(routes, "loras", this::loras);
        get(routes, "embeddings", () -> {
            ObjectNode none = JSON.createObjectNode();
            none.putObject("loaded");
            none.putObject("skipped");
            return none;
        });
        get(routes, "scripts", () -> {
            ObjectNode none = JSON.createObjectNode();
            none.putArray("txt2img");
            none.putArray("img2img");
            return none;
        });
        get(routes, "cmd-flags", () -> JSON.createObjectNode().put("api", true));
        get(routes, "memory", SdLists::memory);
        EMPTY.forEach(name -> get(routes, name, JSON::createArrayNode));
        // Everything is looked up anew for each request.
        List.of("refresh-checkpoints", "refresh-loras", "refresh-vae")
                .forEach(name -> routes.post(
                        TOP + name, SdRoutes.answering(context -> SdRoutes.send(context, JSON.createObjectNode()))));
        routes.post(TOP + "options", SdRoutes.answering(this::set));
        routes.post(TOP + "png-info", SdRoutes.answering(SdLists::info));
    }

    private interface Answer {
        JsonNode get();
    }

    private static void get(RoutesConfig routes, String name, Answer answer) {
        routes.get(TOP + name, SdRoutes.answering(context -> SdRoutes.send(context, answer.get())));
    }

    private void set(Context context) throws IOException {
        JsonNode changes = Bodies.json(context);
        synchronized (this) {
            options = options.with(changes, drawings.models());
        }
        SdRoutes.send(context, JSON.createObjectNode());
    }

    private static JsonNode samplers() {
        ArrayNode all = JSON.createArrayNode();
        for (SamplerKind kind : SamplerKind.values()) {
            ObjectNode sampler = all.addObject();
            sampler.put("name", kind.displayName());
            sampler.putArray("aliases").add(kind.key());
            sampler.putObject("options");
        }
        return all;
    }

    private static JsonNode schedulers() {
        ArrayNode all = JSON.createArrayNode();
        for (String name : SdRequest.schedulers()) {
            ObjectNode scheduler = all.addObject();
            scheduler.put("name", name);
            scheduler.put("label", name.substring(0, 1).toUpperCase(Locale.ROOT) + name.substring(1));
            scheduler.putArray("aliases");
            scheduler.put("default_rho", name.equals("karras") ? 7.0 : -1.0);
            scheduler.put("need_inner_model", false);
        }
        return all;
    }

    private JsonNode models() {
        ArrayNode all = JSON.createArrayNode();
        for (ModelNames.Model model : drawings.models().list()) {
            ObjectNode node = all.addObject();
            node.put("title", model.title());
            node.put("model_name", model.name());
            node.put("hash", model.hash());
            node.put("sha256", model.sha256());
            node.put("filename", model.name());
            node.putNull("config");
        }
        return all;
    }

    private JsonNode loras() {
        ArrayNode all = JSON.createArrayNode();
        for (AdapterNames.Adapter adapter : drawings.adapters().list()) {
            ObjectNode node = all.addObject();
            node.put("name", adapter.name());
            node.put("alias", adapter.alias());
            node.put("path", adapter.name());
            ObjectNode metadata = node.putObject("metadata");
            adapter.metadata().forEach((key, value) -> {
                if (key.startsWith("ss_") || key.startsWith("modelspec.")) {
                    metadata.put(key, value);
                }
            });
        }
        return all;
    }

    private static JsonNode memory() {
        Runtime runtime = Runtime.getRuntime();
        ObjectNode memory = JSON.createObjectNode();
        ObjectNode ram = memory.putObject("ram");
        ram.put("free", runtime.freeMemory());
        ram.put("used", runtime.totalMemory() - runtime.freeMemory());
        ram.put("total", runtime.totalMemory());
        memory.putObject("cuda").put("error", "unavailable");
        return memory;
    }

    private static void info(Context context) throws IOException {
        JsonNode body = Bodies.json(context, SentJson.MOST);
        JsonNode image = body.path("image");
        if (!image.isTextual()) {
            throw new SdFault(WRONG, "image", "image: it must be a picture in base64");
        }
        SentPicture picture = SentPicture.ofBase64("image", image.textValue());
        Path file = Files.createTempFile("atelier-", "." + picture.ending());
        PictureTexts texts;
        try {
            Files.write(file, picture.bytes());
            texts = PictureFile.texts(file);
        } finally {
            Files.delete(file);
        }
        ObjectNode answer = JSON.createObjectNode();
        answer.put("info", texts.get("parameters").orElse(""));
        ObjectNode items = answer.putObject("items");
        texts.get("parameters").ifPresent(text -> items.put("parameters", text));
        ObjectNode parameters = answer.putObject("parameters");
        Optional<ForeignRecord> record = ForeignRecords.of(texts);
        record.ifPresent(found -> {
            parameters.put("Prompt", found.prompt());
            parameters.put("Negative prompt", found.negativePrompt());
            found.pairs().forEach(parameters::put);
        });
        SdRoutes.send(context, answer);
    }
}
