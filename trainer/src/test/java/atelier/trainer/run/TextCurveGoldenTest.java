package atelier.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.diffusion.Golden;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Training with the text encoders in the loop, and of a whole UNet, beside transformers, diffusers and PEFT. */
class TextCurveGoldenTest {
    private static final Path CURVES = Golden.REPOSITORY.resolve("trainer/src/test/resources/golden/curves");

    @ParameterizedTest
    @CsvSource({"text-sd1, 132", "text-sdxl, 252"})
    void everyGradientAndEveryLossAgreesWithPeft(String name, int gradients) throws Exception {
        TextCurve.Found found = new TextCurve(CURVES.resolve(name + ".safetensors")).run();
        assertThat(found.gradients()).isEqualTo(gradients);
        assertThat(found.gradient()).isLessThan(1e-4);
        assertThat(found.strays()).isZero();
        assertThat(found.loss()).isLessThan(1e-4);
        assertThat(found.leaked()).as("a step leaves nothing behind").isFalse();
    }

    @Test
    void aWholeUnetTrainsAsInTorch() throws Exception {
        TextCurve.Found found = new TextCurve(CURVES.resolve("full-sd1.safetensors")).run();
        assertThat(found.loss()).isLessThan(1e-4);
        assertThat(found.weight()).isBetween(0.0, 1e-3);
        assertThat(found.leaked()).as("a step leaves nothing behind").isFalse();
    }
}
