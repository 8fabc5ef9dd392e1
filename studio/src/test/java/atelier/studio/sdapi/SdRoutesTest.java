package atelier.studio.sdapi;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.studio.draw.TinyStudio;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class SdRoutesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FAST =
            "\"prompt\": \"a fox\", \"seed\": 7, \"steps\": 2, \"width\": 32, \"height\": 32";

    @TempDir
    Path folder;

    private TinyStudio studio;

    @BeforeEach
    void start() {
        studio = new TinyStudio(folder, SdRoutes::new);
    }

    @AfterEach
    void stop() {
        studio.close();
    }

    @Test
    void txt2imgAnswersPicturesInfoAndParametersAsStrictClientsWantThem() throws Exception {
        TinyStudio.Answer answer = studio.post(
                "/sdapi/v1/txt2img",
                "{" + FAST
                        + ", \"batch_size\": 2, \"cfg_scale\": 5, \"sampler_name\": \"Euler\", \"scheduler\": \"Karras\","
                        + " \"override_settings\": {\"CLIP_stop_at_last_layers\": 2, \"randn_source\": \"NV\"}}");
        assertThat(answer.status()).as(answer.json().toString()).isEqualTo(200);
        assertThat(answer.json().path("images")).hasSize(2);
        Path generated = studio.generate(
                "euler",
                "prompt=a fox",
                "seed=7",
                "count=2",
                "guidance_scale=5",
                "sampler=euler",
                "sigma_schedule=karras",
                "clip_skip=1",
                "rng=cuda",
                "safety=auto");
        for (int i = 0; i < 2; i++) {
            byte[] sent = Base64.getDecoder()
                    .decode(answer.json().path("images").get(i).asText());
            assertThat(sent).isEqualTo(Files.readAllBytes(generated.resolve((7 + i) + ".png")));
        }
        JsonNode info = JSON.readTree(answer.json().path("info").asText());
        assertThat(List.<String>copyOf(names(info)))
                .contains(("prompt all_prompts negative_prompt all_negative_prompts seed all_seeds subseed all_subseeds"
                                + " subseed_strength width height sampler_name cfg_scale batch_size restore_faces"
                                + " sd_model_name sd_model_hash sd_vae_name sd_vae_hash seed_resize_from_w"
                                + " seed_resize_from_h denoising_strength extra_generation_params index_of_first_image"
                                + " infotexts styles job_timestamp clip_skip is_using_inpainting_conditioning version")
                        .split(" "));
        assertThat(info.path("all_seeds").toString()).isEqualTo("[7,8]");
        assertThat(info.path("clip_skip").asInt()).isEqualTo(2);
        assertThat(info.path("job_timestamp").isTextual()).isTrue();
        assertThat(info.path("infotexts").get(1).asText()).contains("Steps: 2, Sampler: Euler", "Seed: 8");
        assertThat(answer.json().path("parameters").path("cfg_scale").asInt()).isEqualTo(5);
    }

    private static List<String> names(JsonNode node) {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    @Test
    void progressHasItsNineFieldsAndInterruptEndsADrawing() throws Exception {
        JsonNode idle = studio.get("/sdapi/v1/progress").json();
        assertThat(names(idle))
                .containsExactlyInAnyOrder("progress", "eta_relative", "state", "current_image", "textinfo");
        assertThat(names(idle.path("state")))
                .containsExactlyInAnyOrder(
                        "skipped",
                        "interrupted",
                        "stopping_generation",
                        "job",
                        "job_count",
                        "job_timestamp",
                        "job_no",
                        "sampling_step",
                        "sampling_steps");
        assertThat(idle.path("state").path("job_count").asInt()).isZero();
        Thread asking = new Thread(() -> {
            try {
                studio.post(
                        "/sdapi/v1/txt2img", "{\"prompt\": \"a fox\", \"steps\": 900, \"width\": 32, \"height\": 32}");
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        asking.start();
        JsonNode busy = idle;
        while (!busy.path("current_image").isTextual()) {
            busy = studio.get("/sdapi/v1/progress").json();
        }
        assertThat(busy.path("state").path("sampling_steps").asInt()).isEqualTo(900);
        assertThat(ImageIO.read(new ByteArrayInputStream(Base64.getDecoder()
                                .decode(busy.path("current_image").asText())))
                        .getWidth())
                .isEqualTo(32);
        assertThat(studio.post("/sdapi/v1/interrupt", "").json().toString()).isEqualTo("{}");
        asking.join();
        assertThat(studio.drawings().current()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "txt2img | {\"prompt\": \"a fox\", \"sampler_name\": \"Eulr\"} | 404 | did you mean Euler?",
                "txt2img | {\"prompt\": \"a fox\", \"scheduler\": \"karas\"} | 404 | did you mean karras?",
                "txt2img | {\"prompt\": \"a fox <lora:stile:1>\"} | 422 | there is no adapter 'stile'; did you mean style?",
                "txt2img | {\"prompt\": \"a fox\", \"tiling\": true} | 422 | tiling=true: pictures that tile are not supported",
                "txt2img | {\"prompt\": \"a fox\", \"override_settings\": {\"sd_model_checkpoint\": \"sd2\"}} | 422 | did you mean sd1?",
                "txt2img | {\"prompt\": \"a fox\", \"override_settings\": {\"randn_sorce\": \"CPU\"}} | 422 | did you mean randn_source?",
                "txt2img | {\"prompt\": \"a fox\", \"width\": 999999} | 422 | width must be at most 4096",
                "txt2img | {\"prompt\": \"a fox\", \"n_iter\": 100000} | 422 | n_iter: it must be from 1 to 1000",
                "txt2img | {\"prompt\": \"a fox\", \"sampler_name\": \"DDIM\", \"eta\": 1.0} | 422 | eta=1",
                "txt2img | [] | 422 | it is not a JSON object",
                "txt2img | {\"prompt\": | 422 | it is not JSON",
                "img2img | {\"prompt\": \"a fox\"} | 422 | init_images: it holds 0 pictures",
                "img2img | {\"init_images\": [\"http://127.0.0.1/a.png\"]} | 422 | no address is fetched",
                "img2img | {\"init_images\": [\"/etc/passwd\"]} | 422 | init_images: it is",
                "png-info | {\"image\": \"https://example.org/a.png\"} | 422 | no address is fetched",
                "options | {\"sd_model_checkpont\": \"sd1\"} | 422 | did you mean sd_model_checkpoint?",
            })
    void whatDoesNotFitIsRefusedByName(String path, String body, int status, String message) throws Exception {
        studio.adapter("style", 1);
        TinyStudio.Answer answer = studio.post("/sdapi/v1/" + path, body);
        assertThat(answer.status()).as(answer.json().toString()).isEqualTo(status);
        assertThat(answer.json().path("detail").asText()).contains(message);
    }

    @Test
    void optionsLastAndOverriddenOnesDoNot() throws Exception {
        assertThat(studio.get("/sdapi/v1/options")
                        .json()
                        .path("CLIP_stop_at_last_layers")
                        .asInt())
                .isEqualTo(1);
        studio.post("/sdapi/v1/options", "{\"CLIP_stop_at_last_layers\": 2}");
        studio.post("/sdapi/v1/txt2img", "{" + FAST + ", \"override_settings\": {\"CLIP_stop_at_last_layers\": 1}}");
        assertThat(studio.get("/sdapi/v1/options")
                        .json()
                        .path("CLIP_stop_at_last_layers")
                        .asInt())
                .isEqualTo(2);
    }

    @Test
    void listsHaveTheFormThatClientsRead() throws Exception {
        studio.adapter("style", 1);
        JsonNode model = studio.get("/sdapi/v1/sd-models").json().get(0);
        assertThat(model.path("title").asText()).startsWith("sd1 [");
        assertThat(model.path("sha256").asText()).hasSize(64);
        assertThat(studio.get("/sdapi/v1/samplers").json()).hasSize(17);
        assertThat(studio.get("/sdapi/v1/loras").json().get(0).path("name").asText())
                .isEqualTo("style");
        for (String empty : List.of(
                "upscalers",
                "latent-upscale-modes",
                "sd-vae",
                "hypernetworks",
                "face-restorers",
                "realesrgan-models",
                "prompt-styles",
                "extensions")) {
            assertThat(studio.get("/sdapi/v1/" + empty).json().toString())
                    .as(empty)
                    .isEqualTo("[]");
        }
        for (String refresh : List.of("refresh-checkpoints", "refresh-loras", "refresh-vae", "skip")) {
            assertThat(studio.post("/sdapi/v1/" + refresh, "").json().toString())
                    .isEqualTo("{}");
        }
    }
}
