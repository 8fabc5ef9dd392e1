package atelier.datasets.consent.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Files that Pillow, libvips and c2pa-python wrote; scripts/conformance/consent/fixtures.py makes them. */
class RealToolsTest {
    static byte[] fixture(String name) throws IOException {
        try (InputStream in = RealToolsTest.class.getResourceAsStream("/atelier/datasets/consent/" + name)) {
            return Objects.requireNonNull(in, name).readAllBytes();
        }
    }

    @TestFactory
    List<DynamicTest> everyFileIsReadAsItsWriterMeant() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        JsonNode all = new ObjectMapper().readTree(fixture("fixtures.json"));
        all.fields()
                .forEachRemaining(entry -> tests.add(DynamicTest.dynamicTest(entry.getKey(), () -> {
                    EmbeddedSignals signals = EmbeddedSignals.of(fixture(entry.getKey()));
                    JsonNode said = entry.getValue();
                    if (said.path("objects").isNull()) {
                        assertThat(signals.objections()).isEmpty();
                    } else {
                        assertThat(signals.objections())
                                .extracting(o -> o.protocol()
                                        .name()
                                        .toLowerCase(java.util.Locale.ROOT)
                                        .replace('_', '-'))
                                .containsOnly(said.path("objects").asText());
                        assertThat(signals.objections())
                                .noneMatch(o -> o.reason().contains("cannot be read"));
                    }
                    if (said.path("creator").isTextual()) {
                        assertThat(signals.creators())
                                .extracting(EmbeddedSignals.Said::text)
                                .contains(said.path("creator").asText());
                    }
                })));
        assertThat(tests).hasSizeGreaterThan(10);
        return tests;
    }

    @Test
    void constrainedCountsAsNotAllowedAndIsCalledAnUnverifiedClaim() throws IOException {
        assertThat(EmbeddedSignals.of(fixture("c2pa-constrained.jpg")).objections())
                .singleElement()
                .satisfies(o -> assertThat(o.reason())
                        .isEqualTo("cawg.ai_generative_training is constrained (an unverified claim)"));
    }

    @Test
    void filesCutShortInTheirMetadataObject() throws IOException {
        for (String name : List.of("pillow.jpg", "vips.png", "vips.webp", "vips.tif", "c2pa-segments.jpg")) {
            byte[] whole = fixture(name);
            Random random = new Random(7);
            for (int i = 0; i < 50; i++) {
                byte[] cut = java.util.Arrays.copyOf(whole, 16 + random.nextInt(Math.min(400, whole.length - 16)));
                assertThat(EmbeddedSignals.of(cut).objections())
                        .as(name + " cut to " + cut.length)
                        .isNotEmpty();
            }
        }
    }
}
