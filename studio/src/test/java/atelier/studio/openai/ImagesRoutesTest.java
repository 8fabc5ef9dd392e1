package atelier.studio.openai;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.studio.draw.TinyStudio;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class ImagesRoutesTest {
    @TempDir
    Path folder;

    private TinyStudio studio;

    @BeforeEach
    void start() {
        studio = new TinyStudio(folder, ImagesRoutes::new);
    }

    @AfterEach
    void stop() {
        studio.close();
    }

    @Test
    void anImageIsTheOneOfGenerate() throws Exception {
        TinyStudio.Answer answer = studio.post(
                "/v1/images/generations",
                "{\"prompt\": \"a fox\", \"n\": 1, \"size\": \"32x32\", \"model\": \"sd1\","
                        + " \"response_format\": \"b64_json\", \"seed\": 7, \"steps\": 2}");
        assertThat(answer.status()).as(answer.json().toString()).isEqualTo(200);
        Path generated = studio.generate("image", "prompt=a fox", "seed=7", "safety=auto")
                .resolve("7.png");
        assertThat(Base64.getDecoder()
                        .decode(answer.json()
                                .path("data")
                                .get(0)
                                .path("b64_json")
                                .asText()))
                .isEqualTo(Files.readAllBytes(generated));
        assertThat(studio.get("/v1/models")
                        .json()
                        .path("data")
                        .get(0)
                        .path("id")
                        .asText())
                .isEqualTo("sd1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | 400 | prompt | prompt: it is missing",
                "{\"prompt\": \"a fox\", \"n\": 11} | 400 | n | n: it must be from 1 to 10",
                "{\"prompt\": \"a fox\", \"size\": \"large\"} | 400 | size | WIDTHxHEIGHT",
                "{\"prompt\": \"a fox\", \"response_format\": \"url\"} | 400 | response_format | it may be b64_json",
                "{\"prompt\": \"a fox\", \"model\": \"sd2\"} | 404 | model | did you mean sd1?",
                "{\"prompt\": \"a fox\", \"promt\": \"a\"} | 400 | promt | did you mean prompt?",
                "{\"prompt\": [\"a fox\"]} | 400 | prompt | prompt: it must be text",
            })
    void whatDoesNotFitIsAnsweredInTheirFormOfAnError(String body, int status, String parameter, String message)
            throws Exception {
        TinyStudio.Answer answer = studio.post("/v1/images/generations", body);
        assertThat(answer.status()).as(answer.json().toString()).isEqualTo(status);
        assertThat(answer.json().path("error").path("param").asText()).isEqualTo(parameter);
        assertThat(answer.json().path("error").path("type").asText()).isEqualTo("invalid_request_error");
        assertThat(answer.json().path("error").path("message").asText()).contains(message);
    }
}
