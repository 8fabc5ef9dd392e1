package atelier.diffusion.adapter.math;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.diffusion.adapter.file.AdapterFile;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.weights.StateDict;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.TensorSource;
import atelier.diffusion.weights.safetensors.TensorView;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Field cases 24, 28 and 29: adapters that LyCORIS, PEFT and diffusers wrote, merged as they merge them. */
class FormsGoldenTest {
    private static final Path FORMS = Path.of("src/test/resources/golden/forms");

    static Stream<Path> forms() throws IOException {
        try (Stream<Path> folders = Files.list(FORMS)) {
            return folders.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("forms")
    void everyFormMergesAsTheProgramThatWroteIt(Path form) throws IOException {
        Map<String, TensorView> golden =
                SafetensorsFile.open(form.resolve("golden.safetensors")).tensors();
        Map<String, TensorSource> weights = new TreeMap<>();
        golden.forEach((name, tensor) -> {
            if (name.startsWith("in.")) {
                weights.put(name.substring("in.".length()), tensor);
            }
        });
        Path file = form.resolve("adapter.safetensors");
        AdapterState adapter = AdapterFile.read(Files.exists(file) ? file : form, null);
        assertThat(adapter.unread()).isEmpty();
        assertThat(adapter.components()).hasSize(1);
        Component component = adapter.components().iterator().next();
        Map<String, TensorSource> merged = AdapterArithmetic.merged(
                new StateDict("base", weights, new ObjectMapper().createObjectNode()),
                component,
                List.of(new AdapterArithmetic.Weighted(adapter, AdapterArithmetic.Strength.all(1))));
        weights.forEach((name, before) -> {
            TensorView expected = golden.getOrDefault("out." + name, before.view());
            assertThat(merged.get(name).view().toFloats())
                    .as(name)
                    .usingComparatorWithPrecision(2e-5f)
                    .containsExactly(expected.toFloats());
        });
    }
}
