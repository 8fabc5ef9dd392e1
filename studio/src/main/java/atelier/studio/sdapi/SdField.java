package atelier.studio.sdapi;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The fields of AUTOMATIC1111's txt2img and img2img requests, and what each means here. One that would change the picture and
 * is not supported is refused unless its value changes nothing.
 */
enum SdField {
    PROMPT("prompt", Type.TEXT, "prompt"),
    NEGATIVE_PROMPT("negative_prompt", Type.TEXT, "negative_prompt"),
    SEED("seed", Type.WHOLE, "seed; -1 and less: a random one, which the answer tells"),
    STEPS("steps", Type.WHOLE, "steps"),
    CFG_SCALE("cfg_scale", Type.NUMBER, "guidance_scale"),
    WIDTH("width", Type.WHOLE, "width"),
    HEIGHT("height", Type.WHOLE, "height"),
    SAMPLER_NAME("sampler_name", Type.TEXT, "sampler"),
    SAMPLER_INDEX("sampler_index", Type.TEXT, "sampler, where sampler_name does not say it"),
    SCHEDULER("scheduler", Type.TEXT, "sigma_schedule; automatic: the sampler's own"),
    BATCH_SIZE("batch_size", Type.WHOLE, "times n_iter: count"),
    N_ITER("n_iter", Type.WHOLE, "times batch_size: count"),
    DENOISING_STRENGTH("denoising_strength", Type.NUMBER, "strength; of txt2img with enable_hr: hires_strength"),
    ENABLE_HR("enable_hr", Type.TRUTH, "whether hr_scale is taken"),
    HR_SCALE("hr_scale", Type.NUMBER, "hires_scale"),
    OVERRIDE_SETTINGS("override_settings", Type.OBJECT, "settings for this request alone"),
    INIT_IMAGES("init_images", Type.PICTURES, "init_image"),
    MASK("mask", Type.TEXT, "mask: white is drawn anew"),
    INPAINTING_MASK_INVERT("inpainting_mask_invert", Type.WHOLE, "1: black is drawn anew"),
    SEND_IMAGES("send_images", Type.TRUTH, "whether the answer holds the pictures"),

    SAVE_IMAGES("save_images", Type.TRUTH, Use.HARMLESS, "pictures are kept in studio.data anyway"),
    DO_NOT_SAVE_SAMPLES("do_not_save_samples", Type.TRUTH, Use.HARMLESS, "as save_images"),
    DO_NOT_SAVE_GRID("do_not_save_grid", Type.TRUTH, Use.HARMLESS, "no grid is made"),
    OVERRIDE_SETTINGS_RESTORE_AFTERWARDS(
            "override_settings_restore_afterwards", Type.TRUTH, Use.HARMLESS, "they never outlast the request"),
    FORCE_TASK_ID("force_task_id", Type.TEXT, Use.HARMLESS, "a name for the request"),
    COMMENTS("comments", Type.OBJECT, Use.HARMLESS, "a note"),
    INCLUDE_INIT_IMAGES("include_init_images", Type.TRUTH, Use.HARMLESS, "the answer never repeats pictures"),
    SUBSEED("subseed", Type.WHOLE, Use.HARMLESS, "has no effect without subseed_strength"),
    REFINER_SWITCH_AT("refiner_switch_at", Type.NUMBER, Use.HARMLESS, "has no effect without refiner_checkpoint"),
    S_TMAX("s_tmax", Type.NUMBER, Use.HARMLESS, "has no effect without s_churn"),
    SCRIPT_ARGS("script_args", Type.LIST, Use.HARMLESS, "has no effect without script_name"),
    IMAGE_CFG_SCALE("image_cfg_scale", Type.NUMBER, Use.HARMLESS, "is for models that edit by instruction"),
    INPAINT_FULL_RES_PADDING(
            "inpaint_full_res_padding", Type.WHOLE, Use.HARMLESS, "has no effect without inpaint_full_res"),

    TILING("tiling", Type.TRUTH, Use.UNLESS, "pictures that tile", "false"),
    RESTORE_FACES("restore_faces", Type.TRUTH, Use.UNLESS, "face restoration", "false"),
    SUBSEED_STRENGTH("subseed_strength", Type.NUMBER, Use.UNLESS, "variation seeds", "0"),
    SEED_RESIZE_FROM_H("seed_resize_from_h", Type.WHOLE, Use.UNLESS, "seeds of another size", "0", "-1"),
    SEED_RESIZE_FROM_W("seed_resize_from_w", Type.WHOLE, Use.UNLESS, "seeds of another size", "0", "-1"),
    STYLES("styles", Type.LIST, Use.UNLESS, "stored styles", "[]"),
    SCRIPT_NAME("script_name", Type.TEXT, Use.UNLESS, "scripts", "", "None"),
    ALWAYSON_SCRIPTS("alwayson_scripts", Type.OBJECT, Use.UNLESS, "scripts of extensions", "{}"),
    ETA("eta", Type.NUMBER, Use.UNLESS, "other noise of the sampler", "1"),
    S_CHURN("s_churn", Type.NUMBER, Use.UNLESS, "churn", "0"),
    S_TMIN("s_tmin", Type.NUMBER, Use.UNLESS, "churn", "0"),
    S_NOISE("s_noise", Type.NUMBER, Use.UNLESS, "other noise of the sampler", "1"),
    S_MIN_UNCOND("s_min_uncond", Type.NUMBER, Use.UNLESS, "guidance that skips steps", "0"),
    REFINER_CHECKPOINT("refiner_checkpoint", Type.TEXT, Use.UNLESS, "a second model", "", "None"),
    DISABLE_EXTRA_NETWORKS("disable_extra_networks", Type.TRUTH, Use.UNLESS, "tags that do nothing", "false"),
    FIRSTPASS_IMAGE("firstpass_image", Type.TEXT, Use.UNLESS, "a first pass of one's own", ""),
    INFOTEXT("infotext", Type.TEXT, Use.UNLESS, "settings from a text", ""),

    HR_UPSCALER("hr_upscaler", Type.TEXT, Use.UNLESS_HIRES, "upscalers other than Lanczos", "", "None", "Lanczos"),
    HR_SECOND_PASS_STEPS("hr_second_pass_steps", Type.WHOLE, Use.UNLESS_HIRES, "other steps in the second pass", "0"),
    HR_RESIZE_X("hr_resize_x", Type.WHOLE, Use.UNLESS_HIRES, "a size in the place of hr_scale", "0"),
    HR_RESIZE_Y("hr_resize_y", Type.WHOLE, Use.UNLESS_HIRES, "a size in the place of hr_scale", "0"),
    HR_CHECKPOINT_NAME(
            "hr_checkpoint_name", Type.TEXT, Use.UNLESS_HIRES, "a second model", "", "None", "Use same checkpoint"),
    HR_SAMPLER_NAME(
            "hr_sampler_name",
            Type.TEXT,
            Use.UNLESS_HIRES,
            "another sampler in the second pass",
            "",
            "Use same sampler"),
    HR_SCHEDULER(
            "hr_scheduler",
            Type.TEXT,
            Use.UNLESS_HIRES,
            "another schedule in the second pass",
            "",
            "Use same scheduler"),
    HR_PROMPT("hr_prompt", Type.TEXT, Use.UNLESS_HIRES, "another prompt in the second pass", ""),
    HR_NEGATIVE_PROMPT("hr_negative_prompt", Type.TEXT, Use.UNLESS_HIRES, "another prompt in the second pass", ""),
    FIRSTPHASE_WIDTH("firstphase_width", Type.WHOLE, Use.UNLESS_HIRES, "another size of the first pass", "0"),
    FIRSTPHASE_HEIGHT("firstphase_height", Type.WHOLE, Use.UNLESS_HIRES, "another size of the first pass", "0"),

    RESIZE_MODE("resize_mode", Type.WHOLE, Use.UNLESS_PICTURE, "other ways to resize", "0"),
    INITIAL_NOISE_MULTIPLIER("initial_noise_multiplier", Type.NUMBER, Use.UNLESS_PICTURE, "more or less noise", "1"),
    LATENT_MASK("latent_mask", Type.TEXT, Use.UNLESS_PICTURE, "masks of latents", ""),
    MASK_BLUR("mask_blur", Type.NUMBER, Use.UNLESS_MASK, "masks with a soft edge", "0"),
    MASK_BLUR_X("mask_blur_x", Type.NUMBER, Use.UNLESS_MASK, "masks with a soft edge", "0"),
    MASK_BLUR_Y("mask_blur_y", Type.NUMBER, Use.UNLESS_MASK, "masks with a soft edge", "0"),
    MASK_ROUND("mask_round", Type.TRUTH, Use.UNLESS_MASK, "masks with a soft edge", "true"),
    INPAINTING_FILL("inpainting_fill", Type.WHOLE, Use.UNLESS_MASK, "other content below the mask", "1"),
    INPAINT_FULL_RES("inpaint_full_res", Type.TRUTH, Use.UNLESS_MASK, "drawing the masked part alone", "false");

    private final String key;
    private final Type type;
    private final Use use;
    private final String meaning;

    @SuppressWarnings("ImmutableEnumChecker") // List.of makes one that never changes
    private final List<String> neutral;

    SdField(String key, Type type, String meaning) {
        this(key, type, Use.TAKEN, meaning);
    }

    SdField(String key, Type type, Use use, String meaning, String... neutral) {
        this.key = key;
        this.type = type;
        this.use = use;
        this.meaning = meaning;
        this.neutral = List.of(neutral);
    }

    /** What a field holds; null is always allowed and means that it was not sent. */
    enum Type {
        TEXT("text"),
        WHOLE("a whole number"),
        NUMBER("a number"),
        TRUTH("true or false"),
        LIST("a list"),
        OBJECT("an object"),
        PICTURES("a list of pictures in base64");

        private final String words;

        Type(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    /** What becomes of a field. */
    enum Use {
        /** It is a setting here. */
        TAKEN,
        /** It changes no picture. */
        HARMLESS,
        /** It is refused, unless its value changes nothing. */
        UNLESS,
        /** As {@link #UNLESS}, where there is a second pass. */
        UNLESS_HIRES,
        /** As {@link #UNLESS}, where a picture is started from. */
        UNLESS_PICTURE,
        /** As {@link #UNLESS}, where there is a mask. */
        UNLESS_MASK
    }

    /** The name in JSON. */
    String key() {
        return key;
    }

    Type type() {
        return type;
    }

    Use use() {
        return use;
    }

    /** Our own key that it is, why it is harmless, or what is not supported. */
    String meaning() {
        return meaning;
    }

    /** Values that change nothing, as text. */
    List<String> neutral() {
        return neutral;
    }

    static Optional<SdField> of(String key) {
        return Arrays.stream(values()).filter(field -> field.key.equals(key)).findFirst();
    }
}
