package atelier.studio.sdapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.studio.sdapi.SdField.Use;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The table of AUTOMATIC1111's fields, gone over field by field. */
class SdFieldTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The fields of both requests in AUTOMATIC1111's own description of its interface, version 1.10. */
    private static final List<String> THEIRS =
            List.of(("prompt negative_prompt styles seed subseed subseed_strength seed_resize_from_h seed_resize_from_w"
                            + " sampler_name scheduler batch_size n_iter steps cfg_scale width height restore_faces tiling"
                            + " do_not_save_samples do_not_save_grid eta denoising_strength s_min_uncond s_churn s_tmax s_tmin"
                            + " s_noise override_settings override_settings_restore_afterwards refiner_checkpoint"
                            + " refiner_switch_at disable_extra_networks firstpass_image comments enable_hr firstphase_width"
                            + " firstphase_height hr_scale hr_upscaler hr_second_pass_steps hr_resize_x hr_resize_y"
                            + " hr_checkpoint_name hr_sampler_name hr_scheduler hr_prompt hr_negative_prompt force_task_id"
                            + " sampler_index script_name script_args send_images save_images alwayson_scripts infotext"
                            + " init_images resize_mode image_cfg_scale mask mask_blur_x mask_blur_y mask_blur mask_round"
                            + " inpainting_fill inpaint_full_res inpaint_full_res_padding inpainting_mask_invert"
                            + " initial_noise_multiplier latent_mask include_init_images")
                    .split(" "));

    private static ObjectNode body(boolean picture) {
        ObjectNode body = JSON.createObjectNode().put("prompt", "a fox").put("enable_hr", true);
        if (picture) {
            body.putArray("init_images").add("AAAA");
            body.put("mask", "AAAA");
        }
        return body;
    }

    private static JsonNode value(SdField field, String text) throws IOException {
        return field.type() == SdField.Type.TEXT ? JSON.getNodeFactory().textNode(text) : JSON.readTree(text);
    }

    /** A value of the type that is not neutral. */
    private static JsonNode other(SdField field) throws IOException {
        return switch (field.type()) {
            case TEXT -> JSON.getNodeFactory().textNode("something");
            case WHOLE, NUMBER -> JSON.readTree("3");
            case TRUTH -> JSON.readTree(field.neutral().contains("true") ? "false" : "true");
            case LIST -> JSON.readTree("[\"one\"]");
            case PICTURES -> JSON.readTree("[\"AAAA\"]");
            case OBJECT -> JSON.readTree("{\"ControlNet\": {\"args\": [{\"enabled\": true}]}}");
        };
    }

    private static JsonNode wrong(SdField field) throws IOException {
        return JSON.readTree(field.type() == SdField.Type.TEXT ? "[1]" : "\"text\"");
    }

    /** Whether a request may be img2img where the field counts. */
    private static boolean picture(SdField field) {
        return switch (field.use()) {
            case UNLESS_PICTURE, UNLESS_MASK -> true;
            case TAKEN, HARMLESS, UNLESS, UNLESS_HIRES ->
                field == SdField.INIT_IMAGES || field == SdField.MASK || field == SdField.INPAINTING_MASK_INVERT;
        };
    }

    @Test
    void everyFieldOfTheirsHasAMeaning() {
        assertThat(Arrays.stream(SdField.values()).map(SdField::key)).containsExactlyInAnyOrderElementsOf(THEIRS);
        assertThat(SdField.values())
                .allSatisfy(field -> assertThat(field.meaning()).isNotBlank());
    }

    @ParameterizedTest
    @EnumSource
    void aFieldIsTakenHarmlessOrRefusedByName(SdField field) throws IOException {
        boolean picture = picture(field);
        boolean refused = field.use() != Use.TAKEN && field.use() != Use.HARMLESS;
        ObjectNode changed = body(picture);
        changed.set(field.key(), other(field));
        if (refused) {
            assertThatThrownBy(() -> SdBody.of(changed, picture))
                    .isInstanceOfSatisfying(SdFault.class, fault -> {
                        assertThat(fault.status()).isEqualTo(422);
                        assertThat(fault.field()).isEqualTo(field.key());
                    })
                    .hasMessageContaining(field.key() + "=")
                    .hasMessageContaining("are not supported, and it would change the picture");
            assertThat(field.neutral()).isNotEmpty();
        } else {
            assertThatCode(() -> SdBody.of(changed, picture)).doesNotThrowAnyException();
        }
        for (String neutral : field.neutral()) {
            ObjectNode same = body(picture);
            same.set(field.key(), value(field, neutral));
            assertThatCode(() -> SdBody.of(same, picture)).as(neutral).doesNotThrowAnyException();
        }
        ObjectNode none = body(picture);
        none.putNull(field.key());
        assertThatCode(() -> SdBody.of(none, picture)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @EnumSource
    void aValueOfAnotherTypeIsRefused(SdField field) throws IOException {
        ObjectNode body = body(true);
        body.set(field.key(), wrong(field));
        assertThatThrownBy(() -> SdBody.of(body, true))
                .isInstanceOf(SdFault.class)
                .hasMessageContaining(
                        field.key() + ": it must be " + field.type().words());
    }

    @Test
    void whatMattersOnlyWithAMaskOrASecondPassIsHarmlessWithoutThem() {
        ObjectNode plain = JSON.createObjectNode()
                .put("mask_blur", 4)
                .put("inpainting_fill", 0)
                .put("inpaint_full_res", true)
                .put("hr_upscaler", "Latent")
                .put("hr_second_pass_steps", 10)
                .put("resize_mode", 2);
        assertThatCode(() -> SdBody.of(plain, false)).doesNotThrowAnyException();
        plain.putArray("init_images").add("AAAA");
        assertThatThrownBy(() -> SdBody.of(plain, false))
                .hasMessageContaining("init_images: txt2img starts from no picture");
    }

    @Test
    void anUnknownFieldIsRefusedWithTheNearestName() {
        ObjectNode body = JSON.createObjectNode().put("negativ_prompt", "blurry");
        assertThatThrownBy(() -> SdBody.of(body, false))
                .isInstanceOfSatisfying(
                        SdFault.class, fault -> assertThat(fault.status()).isEqualTo(422))
                .hasMessageContaining("negativ_prompt: there is no such field; did you mean negative_prompt?");
    }

    @Test
    void scriptsWithNothingInThemAreHarmless() throws IOException {
        ObjectNode body = JSON.createObjectNode();
        body.set(
                "alwayson_scripts",
                JSON.readTree("{\"ControlNet\": {\"args\": []}, \"ADetailer\": {\"args\": [false]}}"));
        assertThatCode(() -> SdBody.of(body, false)).doesNotThrowAnyException();
    }
}
