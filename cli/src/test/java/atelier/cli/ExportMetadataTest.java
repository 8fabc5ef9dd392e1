package atelier.cli;

import static atelier.cli.ExportRuns.metadata;
import static org.assertj.core.api.Assertions.assertThat;

import atelier.cli.command.ExitStatus;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the files of a run say of it, and what they must not say. */
class ExportMetadataTest {
    @TempDir
    static Path shared;

    @TempDir
    Path folder;

    private static ExportRuns runs;

    @BeforeAll
    static void trainShortly() throws IOException {
        runs = new ExportRuns(shared);
    }

    @Test
    void theAdaptersFileSaysWhatItIsAndWhatItWasTrainedOn() throws IOException {
        Map<String, String> metadata = metadata(runs.fox().resolve("adapter.safetensors"));
        assertThat(metadata)
                .containsEntry("ss_network_module", "networks.lora")
                .containsEntry("ss_network_dim", "2")
                .containsEntry("ss_network_alpha", "1")
                .containsEntry("ss_base_model_version", "sd_v1")
                .containsEntry("ss_sd_model_name", "sd1")
                .containsEntry("ss_resolution", "(16, 16)")
                .containsEntry("ss_num_train_images", "4")
                .containsEntry("ss_num_batches_per_epoch", "2")
                .containsEntry("ss_epoch", "2")
                .containsEntry("ss_steps", "3")
                .containsEntry("ss_optimizer", "adamw")
                .containsEntry("ss_lr_scheduler", "cosine")
                .containsEntry("ss_mixed_precision", "no")
                .containsEntry("ss_dataset_dirs", "{\"pictures\":{\"img_count\":4,\"n_repeats\":1}}")
                .containsEntry("ss_tag_frequency", "{\"pictures\":{\"night\":4,\"red fox\":4,\"snow\":1}}")
                .containsEntry("modelspec.sai_model_spec", "1.0.1")
                .containsEntry("modelspec.architecture", "stable-diffusion-v1/lora")
                .containsEntry("modelspec.implementation", "diffusers")
                .containsEntry("modelspec.title", "fox")
                .containsEntry("modelspec.resolution", "16x16")
                .containsEntry("modelspec.prediction_type", "epsilon")
                .containsEntry("modelspec.timestep_range", "0,1000")
                .containsEntry("modelspec.trigger_phrase", "foxstyle")
                .containsEntry("modelspec.author", "Ana Example")
                .containsEntry("modelspec.license", "CC-BY-4.0")
                .containsEntry("modelspec.tags", "fox, night")
                .containsEntry("modelspec.date", "2026-01-31")
                .containsEntry("atelier.licences", "{\"CC0-1.0\":4}")
                .containsKeys("sshs_model_hash", "sshs_legacy_hash", "atelier.ledger_sha256", "atelier.credits_sha256");
        assertThat(metadata.get("modelspec.hash_sha256")).isEqualTo("0x" + metadata.get("sshs_model_hash"));
        JsonNode bucket =
                new ObjectMapper().readTree(metadata.get("ss_bucket_info")).at("/buckets/0");
        assertThat(bucket.toString()).contains("\"resolution\":[16,16]").contains("\"count\":4");
        String uri = metadata.get("modelspec.thumbnail");
        assertThat(uri).startsWith("data:image/jpeg;base64,");
        byte[] jpeg = Base64.getDecoder().decode(uri.substring(uri.indexOf(',') + 1));
        assertThat(ImageIO.read(new ByteArrayInputStream(jpeg)).getWidth()).isLessThanOrEqualTo(256);
    }

    @Test
    void noFileThatTravelsHoldsAPathOrTheUsersHome() throws IOException {
        runs.export(folder, "format=[kohya,peft,diffusers,merged,single_file]");
        List<Path> travelling = new ArrayList<>(List.of(runs.fox().resolve("adapter.safetensors")));
        for (Path place :
                List.of(folder, runs.fox().resolve("merged"), runs.fox().resolve("export"))) {
            try (Stream<Path> all = Files.walk(place)) {
                all.filter(Files::isRegularFile).forEach(travelling::add);
            }
        }
        assertThat(travelling).hasSizeGreaterThan(20);
        for (Path file : travelling) {
            // Latin-1 keeps every byte, so a text is found wherever it stands.
            String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
            for (String secret : List.of(
                    ExportRuns.SECRET, RunFolder.ROOT.toString(), shared.toString(), "home/", "\"_name_or_path\"")) {
                assertThat(bytes.contains(secret)).as("%s in %s", secret, file).isFalse();
            }
        }
    }

    @Test
    void aPathInWhatIsSaidOfTheAdapterIsRefusedBeforeTraining() {
        assertThat(runs.run("train", "export.description=trained in /home/ana/pictures"))
                .isEqualTo(ExitStatus.WRONG);
        assertThat(runs.said())
                .contains("export.description goes into the adapter's metadata and must not hold a path");
    }
}
