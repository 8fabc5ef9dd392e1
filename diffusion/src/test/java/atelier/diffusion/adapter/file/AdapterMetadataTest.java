package atelier.diffusion.adapter.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.weights.ModelFamily;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AdapterMetadataTest {
    @Test
    void metadataOfAnotherFileIsKeptButForHashesAndPaths() {
        Map<String, String> earlier = Map.of(
                "ss_output_name", "cats",
                "ss_sd_model_name", "/home/ana/models/base.safetensors",
                "ss_network_dim", "64",
                "sshs_model_hash", "abc",
                "modelspec.hash_sha256", "0xabc",
                "modelspec.thumbnail", "data:image/jpeg;base64,+/tmp/AAAA");
        Map<String, String> kept = new AdapterMetadata(ModelFamily.SD1, false, 512, 512)
                .network("lora", 4, 4)
                .keeping(earlier)
                .build();
        assertThat(kept)
                .containsEntry("ss_output_name", "cats")
                .containsEntry("ss_network_dim", "4")
                .containsKey("modelspec.thumbnail")
                .doesNotContainKeys("ss_sd_model_name", "sshs_model_hash", "modelspec.hash_sha256");
    }

    @Test
    void aThumbnailIsADataUri() {
        Map<String, String> metadata = new AdapterMetadata(ModelFamily.SD1, false, 512, 512)
                .thumbnail(new byte[] {1, 2, 3})
                .build();
        assertThat(metadata).containsEntry("modelspec.thumbnail", "data:image/jpeg;base64,AQID");
    }

    @Test
    void metadataWithAPathIsRefused() {
        AdapterMetadata metadata = new AdapterMetadata(ModelFamily.SD2, true, 768, 768);
        assertThat(metadata.build())
                .containsEntry("ss_base_model_version", "sd_v2_v")
                .containsEntry("modelspec.architecture", "stable-diffusion-v2-768-v/lora")
                .containsEntry("ss_resolution", "(768, 768)");
        for (String path : new String[] {"/home/ana/cats", "C:\\cats\\x", "see file:/tmp/x", "{\"/Users/ana/x\":1}"}) {
            metadata.text("ss_output_name", path);
            assertThatThrownBy(metadata::build)
                    .isInstanceOf(WrongCommandException.class)
                    .hasMessageContaining("the metadata ss_output_name would hold a path");
        }
        metadata.text("ss_output_name", "a/b and 1/2, https://example.org/home/x");
        assertThat(metadata.build()).containsKey("ss_output_name");
    }
}
