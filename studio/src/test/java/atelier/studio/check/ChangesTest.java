package atelier.studio.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.cli.config.ConfigurationException;
import atelier.studio.server.Json;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChangesTest {
    private static final Set<String> GROUPS = Set.of("experiment", "model", "data", "optimizer");

    private static List<String> words(String json) throws IOException {
        return Changes.of(Json.read(json), GROUPS, Changes.TRAIN);
    }

    @Test
    void aRequestIsTheWordsOfACommandLine() throws IOException {
        assertThat(words("{\"experiment\":[\"style\",\"cpu\"],\"set\":{\"model\":\"sd15\",\"train.steps\":100,"
                        + "\"export.merged\":false,\"resume_from\":null,\"sample.prompts\":[\"a cat, sitting\",\"dog\"],"
                        + "\"optimizer.lr\":\"1e-4\"}}"))
                .containsExactly(
                        "experiment=[style,cpu]",
                        "model=sd15",
                        "train.steps=100",
                        "export.merged=false",
                        "resume_from=null",
                        "sample.prompts=[\"a cat, sitting\",dog]",
                        "optimizer.lr=1e-4");
        assertThat(words("{}")).isEmpty();
        assertThat(words("{\"experiment\":\"\",\"set\":null}")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"set\":{\"--rerun\":\"x\"}}",
                "{\"set\":{\"a b\":\"x\"}}",
                "{\"set\":{\"resume\":\"/etc\"}}",
                "{\"set\":{\"run.dir\":\"/etc\"}}",
                "{\"set\":{\"train\":{\"steps\":1}}}",
                "{\"set\":{\"model\":\"/etc/passwd.conf\"}}",
                "{\"experiment\":\"../x\"}",
                "{\"set\":[1]}"
            })
    void whatIsNoChangeOfASettingIsRefused(String json) {
        assertThatThrownBy(() -> words(json)).isInstanceOf(ConfigurationException.class);
    }

    @Test
    void wordsBecomeARequestAgain() {
        assertThat(Changes.request(List.of("experiment=style", "train.steps=100", "run.name=x", "run.dir=y")))
                .hasToString("{experiment=style, set={train.steps=100}}");
    }
}
