package atelier.common.file;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonTextTest {
    // Field case 19.
    @Test
    void whatPythonWritesIsReadNamedAndWrittenAsPythonReadsIt() throws JsonProcessingException {
        JsonNode node = JsonText.mapper()
                .readTree(
                        "{\"a\": NaN, \"b\": [1, Infinity], \"c\": -Infinity, \"d\": 2, \"e\": \"NaN\", \"f\": null}");
        assertThat(node.get("c").doubleValue()).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(JsonText.notFinite(node, List.of("d", "e", "f", "g"))).isEmpty();
        assertThat(JsonText.notFinite(node, List.of("d", "a"))).hasValue("a is NaN");
        assertThat(JsonText.notFinite(node, List.of("b")))
                .hasValueSatisfying(said -> assertThat(said).startsWith("b is [1,"));
        assertThat(JsonText.mapper().writeValueAsString(node)).contains("\"a\":NaN", "\"c\":-Infinity");
    }
}
