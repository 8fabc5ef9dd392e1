package atelier.trainer.folder;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.trainer.folder.RunFingerprint.Difference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RunFingerprintTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Values of the first schema are in capitals here. */
    private static final class Capitals implements RunFingerprint.FirstSchema {
        @Override
        public Map<String, String> now() {
            return Map.of("optimizer.name", "ADAMW");
        }

        @Override
        public Map<String, String> saved(JsonNode facts) {
            return facts.has("name")
                    ? Map.of("optimizer.name", facts.path("name").asText())
                    : Map.of();
        }

        @Override
        public String shown(String value) {
            return value.toLowerCase(Locale.ROOT);
        }
    }

    private static RunFingerprint of(Map<String, String> facts) {
        return new RunFingerprint(facts, new Capitals());
    }

    private static ObjectNode saved(Map<String, String> facts) {
        ObjectNode saved = JSON.createObjectNode();
        of(facts).write(saved);
        return saved;
    }

    @Test
    void aDifferenceIsToldAsKeyThenAndNow() {
        Map<String, String> then = Map.of("optimizer.lr", "0.001", "train.seed", "0");
        assertThat(of(then).differences(saved(then))).isEmpty();
        assertThat(of(Map.of("optimizer.lr", "0.0005", "train.seed", "0")).differences(saved(then)))
                .extracting(Difference::toString)
                .containsExactly("optimizer.lr: saved 0.001, now 0.0005");
    }

    @Test
    void aFactThatOnlyOneOfTwoHasIsADifference() {
        assertThat(of(Map.of("train.seed", "0")).differences(saved(Map.of("adapter.init_from", "abc"))))
                .containsExactlyInAnyOrder(
                        new Difference("train.seed", "nothing", "0"),
                        new Difference("adapter.init_from", "abc", "nothing"));
    }

    @Test
    void anOlderSchemaIsNotAskedForFactsThatCameLater() {
        assertThat(of(Map.of("train.seed", "0")).differences(JSON.createObjectNode()))
                .isEmpty();
        ObjectNode first = JSON.createObjectNode();
        first.putObject("facts").put("name", "PRODIGY");
        assertThat(of(Map.of()).differences(first))
                .containsExactly(new Difference("optimizer.name", "prodigy", "adamw"));
    }

    @Test
    void aFactThatOthersStandForNowIsNotAskedOfAnOlderState() {
        ObjectNode saved = saved(Map.of("train.seed", "0", "data.encoding", "utf-8", "data.caption_lines", "join"));
        saved.put("facts_schema", 3);
        assertThat(of(Map.of("train.seed", "0")).differences(saved)).isEmpty();
    }
}
