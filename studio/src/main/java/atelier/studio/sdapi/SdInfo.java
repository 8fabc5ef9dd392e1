package atelier.studio.sdapi;

import atelier.common.file.JsonText;
import atelier.inference.picture.PictureFile;
import atelier.inference.request.GenerationPlan;
import atelier.inference.request.SamplingSettings;
import atelier.inference.request.SourceSettings;
import atelier.inference.sampler.schedule.SamplerKind;
import atelier.studio.draw.Drawing;
import atelier.studio.draw.DrawnPicture;
import atelier.studio.draw.ModelNames;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The text {@code info} of an answer: a JSON object with every field that AUTOMATIC1111's web UI writes. */
final class SdInfo {
    private static final ObjectMapper JSON = JsonText.mapper();
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMddHHmmss", Locale.ROOT);

    private SdInfo() {}

    static String of(Drawing drawing, @Nullable String modelName, ModelNames models) throws IOException {
        GenerationPlan plan = drawing.planned().plan();
        SamplingSettings sampling = plan.sampling();
        SourceSettings source = plan.source();
        SamplerKind kind = sampling.sampler();
        GenerationPlan.Job first = plan.jobs().get(0);
        List<DrawnPicture> pictures = drawing.pictures();
        ModelNames.Model model = modelName == null ? models.own() : models.find("model", modelName);
        ObjectNode info = JSON.createObjectNode();
        info.put("prompt", first.prompt());
        ArrayNode prompts = info.putArray("all_prompts");
        pictures.forEach(picture -> prompts.add(picture.prompt()));
        info.put("negative_prompt", first.negativePrompt());
        ArrayNode negatives = info.putArray("all_negative_prompts");
        pictures.forEach(picture -> negatives.add(picture.negativePrompt()));
        info.put("seed", first.seeds().get(0));
        ArrayNode seeds = info.putArray("all_seeds");
        pictures.forEach(picture -> seeds.add(picture.seed()));
        info.put("subseed", first.seeds().get(0));
        ArrayNode subseeds = info.putArray("all_subseeds");
        pictures.forEach(picture -> subseeds.add(picture.seed()));
        info.put("subseed_strength", 0);
        int[] size = size(source, pictures);
        info.put("width", size[0]);
        info.put("height", size[1]);
        info.put("sampler_name", kind == null ? "Automatic" : kind.displayName());
        info.put("cfg_scale", sampling.guidanceScale());
        info.put("steps", sampling.steps());
        info.put("batch_size", plan.output().batchSize());
        info.put("restore_faces", false);
        info.putNull("face_restoration_model");
        info.put("sd_model_name", model.name());
        info.put("sd_model_hash", Optional.ofNullable(model.hash()).orElse(""));
        info.putNull("sd_vae_name");
        info.putNull("sd_vae_hash");
        info.put("seed_resize_from_w", -1);
        info.put("seed_resize_from_h", -1);
        if (source.initImage() != null) {
            info.put("denoising_strength", source.strength());
        } else if (source.hiresScale() != null) {
            info.put("denoising_strength", source.hiresStrength());
        } else {
            info.putNull("denoising_strength");
        }
        info.putObject("extra_generation_params");
        info.put("index_of_first_image", 0);
        ArrayNode texts = info.putArray("infotexts");
        for (DrawnPicture picture : pictures) {
            texts.add(PictureFile.texts(picture.file()).get("parameters").orElse(""));
        }
        info.putArray("styles");
        info.put("job_timestamp", TIME.format(drawing.asked().atZone(ZoneId.systemDefault())));
        info.put("clip_skip", sampling.clipSkip() + 1);
        info.put("is_using_inpainting_conditioning", false);
        info.put("version", "Atelier");
        return JSON.writeValueAsString(info);
    }

    private static int[] size(SourceSettings source, List<DrawnPicture> pictures) throws IOException {
        Integer width = source.width();
        Integer height = source.height();
        if (width != null && height != null) {
            return new int[] {width, height};
        }
        if (pictures.isEmpty()) {
            return new int[] {0, 0};
        }
        BufferedImage picture = PictureFile.read(pictures.get(0).file());
        return new int[] {picture.getWidth(), picture.getHeight()};
    }
}
