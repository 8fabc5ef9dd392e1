package atelier.studio.sdapi;

import atelier.cli.config.NearestNames;
import atelier.inference.foreign.SamplerNames;
import atelier.inference.sampler.schedule.SamplerKind;
import atelier.studio.draw.AskedDrawing;
import atelier.studio.draw.ModelNames;
import atelier.studio.draw.SentPicture;
import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import javax.imageio.ImageIO;

/** A txt2img or img2img request in generate's own settings; see {@link SdField} for what each field is. */
final class SdRequest {
    static final String AUTOMATIC = "automatic";
    private static final int WRONG = 422;
    private static final int UNKNOWN = 404;
    private static final long SEEDS = 1L << 32;

    private SdRequest() {}

    /**
     * Takes a request over.
     *
     * @param picture whether it is img2img
     * @param options those that are set for all requests
     * @throws SdFault naming the field
     */
    static AskedDrawing asked(SdBody body, boolean picture, SdOptions options, ModelNames models) {
        JsonNode overridden = body.node(SdField.OVERRIDE_SETTINGS);
        SdOptions own = overridden.isObject() ? options.with(overridden, models) : options;
        Map<String, Object> set = new LinkedHashMap<>();
        set.put("prompt", body.text(SdField.PROMPT).orElse(""));
        set.put("negative_prompt", body.text(SdField.NEGATIVE_PROMPT).orElse(""));
        set.put("seed", body.whole(SdField.SEED).filter(seed -> seed >= 0).orElseGet(SdRequest::randomSeed));
        body.whole(SdField.STEPS).ifPresent(steps -> set.put("steps", steps));
        body.number(SdField.CFG_SCALE).ifPresent(scale -> set.put("guidance_scale", scale));
        body.whole(SdField.WIDTH).ifPresent(width -> set.put("width", width));
        body.whole(SdField.HEIGHT).ifPresent(height -> set.put("height", height));
        // Pictures that are drawn side by side may differ from those drawn alone in a rounding: a seed is to be one
        // picture.
        set.put("count", positive(body, SdField.BATCH_SIZE) * positive(body, SdField.N_ITER));
        putSampler(body, set);
        putOptions(own, set);
        Map<String, SentPicture> pictures = new HashMap<>();
        Optional<Double> strength = body.number(SdField.DENOISING_STRENGTH);
        if (picture) {
            strength.ifPresent(value -> set.put("strength", value));
            putPictures(body, pictures);
        } else if (body.truth(SdField.ENABLE_HR, false)) {
            set.put("hires_scale", body.number(SdField.HR_SCALE).orElse(2.0));
            strength.ifPresent(value -> set.put("hires_strength", value));
        }
        return new AskedDrawing("sdapi", own.model(), set, pictures, null);
    }

    private static long randomSeed() {
        return ThreadLocalRandom.current().nextLong(SEEDS);
    }

    private static long positive(SdBody body, SdField field) {
        long value = body.whole(field).orElse(1L);
        if (value < 1 || value > 1000) {
            throw new SdFault(WRONG, field.key(), field.key() + ": it must be from 1 to 1000, got " + value);
        }
        return value;
    }

    private static void putOptions(SdOptions options, Map<String, Object> set) {
        Integer clip = options.clipStop();
        if (clip != null) {
            set.put("clip_skip", clip - 1);
        }
        String noise = options.noise();
        if (noise != null) {
            set.put("rng", noise.equals("CPU") ? "torch" : "cuda");
        }
    }

    /** The sampler, behind whose name older programs write the schedule. */
    private static void putSampler(SdBody body, Map<String, Object> set) {
        Optional<String> name = body.text(SdField.SAMPLER_NAME).or(() -> body.text(SdField.SAMPLER_INDEX));
        Optional<String> schedule = body.text(SdField.SCHEDULER);
        if (name.isPresent()) {
            SamplerNames.Split split = SamplerNames.split(name.get());
            SamplerKind whole = SamplerNames.find(name.get());
            SamplerKind kind = whole != null ? whole : SamplerNames.find(split.sampler());
            if (kind == null) {
                throw unknown("sampler_name", name.get(), "Sampler", samplers());
            }
            set.put("sampler", kind.key());
            requireEta(body, kind);
            if (whole == null
                    && schedule.filter(each -> !each.equalsIgnoreCase(AUTOMATIC))
                            .isEmpty()) {
                schedule = Optional.ofNullable(split.schedule());
            }
        }
        schedule.filter(each -> !each.equalsIgnoreCase(AUTOMATIC)).ifPresent(each -> {
            String own = SamplerNames.schedule(each);
            if (own == null) {
                throw unknown("scheduler", each, "Scheduler", schedulers());
            }
            set.put("sigma_schedule", own);
        });
    }

    /** DDIM adds no noise, and 1 would add some; of the others 1 is what they do. */
    private static void requireEta(SdBody body, SamplerKind kind) {
        if (kind == SamplerKind.DDIM
                && body.number(SdField.ETA).filter(eta -> eta != 0).isPresent()) {
            throw new SdFault(
                    WRONG,
                    "eta",
                    "eta=1: DDIM draws without added noise here, and it would change the picture; leave it"
                            + " out, or take sampler_name=DDPM");
        }
    }

    private static SdFault unknown(String field, String name, String kind, List<String> known) {
        return new SdFault(
                UNKNOWN,
                field,
                kind + " not found: " + field + "='" + name + "'; "
                        + NearestNames.question(name, known, "there are " + String.join(", ", known)));
    }

    static List<String> samplers() {
        return Arrays.stream(SamplerKind.values()).map(SamplerKind::displayName).toList();
    }

    static List<String> schedulers() {
        return List.of(AUTOMATIC, "normal", "karras", "exponential", "beta");
    }

    private static void putPictures(SdBody body, Map<String, SentPicture> pictures) {
        JsonNode sent = body.node(SdField.INIT_IMAGES);
        if (sent.size() != 1) {
            throw new SdFault(
                    WRONG, "init_images", "init_images: it holds " + sent.size() + " pictures; send one in base64");
        }
        pictures.put(
                "init_image", SentPicture.ofBase64("init_images", sent.get(0).textValue()));
        body.text(SdField.MASK).ifPresent(mask -> {
            SentPicture marks = SentPicture.ofBase64("mask", mask);
            boolean inverted = body.whole(SdField.INPAINTING_MASK_INVERT).orElse(0L) != 0;
            pictures.put("mask", inverted ? inverted(marks) : marks);
        });
    }

    private static SentPicture inverted(SentPicture mask) {
        try {
            BufferedImage marks = ImageIO.read(new ByteArrayInputStream(mask.bytes()));
            BufferedImage other = new BufferedImage(marks.getWidth(), marks.getHeight(), BufferedImage.TYPE_INT_RGB);
            for (int y = 0; y < marks.getHeight(); y++) {
                for (int x = 0; x < marks.getWidth(); x++) {
                    other.setRGB(x, y, marks.getRGB(x, y) ^ 0xFFFFFF);
                }
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            ImageIO.write(other, "png", bytes);
            return SentPicture.of("mask", bytes.toByteArray());
        } catch (IOException | RuntimeException e) {
            throw new SdFault(WRONG, "mask", "mask: it is a broken picture; save it anew, or send another");
        }
    }
}
