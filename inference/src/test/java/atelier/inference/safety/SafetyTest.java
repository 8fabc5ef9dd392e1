package atelier.inference.safety;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import atelier.inference.draw.TinyModel;
import atelier.inference.picture.PictureFile;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Both checkers against what they were made from: nsfwjs in TensorFlow.js, and diffusers. */
class SafetyTest {
    private static final Path GOLDEN = Path.of("src/test/resources/atelier/inference");

    @Test
    void theBundledClassifierSaysWhatTheOriginalSays() throws IOException {
        JsonNode golden =
                new ObjectMapper().readTree(GOLDEN.resolve("safety/nsfwjs.json").toFile());
        try (NudityClassifier classifier = new NudityClassifier(TinyModel.kernels(), 0.5)) {
            for (JsonNode said : golden) {
                float[] probabilities =
                        classifier.classify(picture(said.get("picture").asText()));
                for (int i = 0; i < probabilities.length; i++) {
                    assertThat((double) probabilities[i])
                            .as(said.get("picture") + " " + NudityClassifier.CLASSES.get(i))
                            .isCloseTo(said.get(NudityClassifier.CLASSES.get(i)).doubleValue(), within(1e-3));
                }
            }
        }
    }

    @Test
    void aModelsOwnCheckerSaysWhatDiffusersSays() throws IOException {
        JsonNode golden =
                new ObjectMapper().readTree(GOLDEN.resolve("checked.json").toFile());
        Set<Boolean> verdicts = new TreeSet<>();
        try (ConceptChecker checker = ConceptChecker.load(GOLDEN.resolve("checked"), TinyModel.kernels())) {
            for (JsonNode said : golden) {
                PictureChecker.Verdict verdict =
                        checker.judge(picture(said.get("picture").asText()));
                assertThat(verdict.flagged())
                        .as(said.get("picture").asText())
                        .isEqualTo(said.get("flagged").asBoolean());
                verdicts.add(verdict.flagged());
                boolean special = false;
                for (int i = 0; i < 3; i++) {
                    double score = said.get("special").get(i).asDouble() + (special ? 0.01 : 0);
                    assertThat(verdict.scores().get("special_care_" + i)).isCloseTo(score, within(2e-3));
                    special |= score > 0;
                }
                for (int i = 0; i < 17; i++) {
                    double score = said.get("concepts").get(i).asDouble() + (special ? 0.01 : 0);
                    assertThat(verdict.scores().get("concept_" + i)).isCloseTo(score, within(2e-3));
                }
            }
        }
        assertThat(verdicts).as("the pictures show both").containsExactly(false, true);
    }

    @Test
    void theVisionTowersVectorIsTransformers() throws IOException {
        JsonNode golden =
                new ObjectMapper().readTree(GOLDEN.resolve("checked.json").toFile());
        try (ConceptChecker checker = ConceptChecker.load(GOLDEN.resolve("checked"), TinyModel.kernels())) {
            // Of the tower's own size: nothing is resampled, so the network alone is compared.
            float[] vector = checker.vector(picture("pattern 32 32"));
            for (int i = 0; i < vector.length; i++) {
                assertThat((double) vector[i])
                        .isCloseTo(golden.get(0).get("vector").get(i).asDouble(), within(1e-5));
            }
        }
    }

    @Test
    void whatIsFlaggedIsBlockedBlurredOrTagged() throws IOException {
        BufferedImage bad = picture("pattern 32 32");
        Path model = GOLDEN.resolve("checked");
        List<String> done = new ArrayList<>();
        for (SafetyAction action : SafetyAction.values()) {
            try (SafetyFilter filter = SafetyFilter.open(new SafetySettings(action, 0.5), model, TinyModel.kernels())) {
                SafetyFilter.Checked checked = filter.check(bad);
                done.add(checked.note() == null ? "off" : checked.note().action());
                boolean black = checked.picture().getRGB(20, 20) == 0xff000000;
                assertThat(black).isEqualTo(action == SafetyAction.AUTO || action == SafetyAction.BLOCK);
                assertThat(checked.picture() == bad)
                        .isEqualTo(action == SafetyAction.OFF || action == SafetyAction.TAG);
            }
        }
        assertThat(done).containsExactly("block", "off", "tag", "blur", "block");
    }

    private static BufferedImage picture(String name) throws IOException {
        if (name.endsWith(".png")) {
            return PictureFile.read(Path.of("../datasets/demo/images", name));
        }
        String[] words = name.split(" ");
        int width = Integer.parseInt(words[1]);
        int height = Integer.parseInt(words[2]);
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int red = (7 * x + 3 * y) % 256;
                int green = x * y % 256;
                int blue = (x * x + 5 * y) % 256;
                picture.setRGB(x, y, red << 16 | green << 8 | blue);
            }
        }
        return picture;
    }
}
