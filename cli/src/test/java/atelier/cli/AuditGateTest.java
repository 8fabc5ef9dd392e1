package atelier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.cli.command.ExitStatus;
import atelier.diffusion.adapter.file.AdapterFile;
import atelier.diffusion.weights.name.Component;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** train, evaluate and export before an audit that lets pass, one that does not, and one that cannot be made. */
@TestInstance(Lifecycle.PER_CLASS)
class AuditGateTest {
    private static final List<String> AUDIT = List.of(
            "audit.required=true",
            "audit.steps=1",
            "audit.seeds=2",
            "audit.clique=2",
            "audit.candidates=4",
            "validation.fraction=0.2",
            "validation.every=2");

    private TinyRuns runs;

    @BeforeAll
    void pictures(@TempDir Path folder) throws IOException {
        runs = new TinyRuns(folder, "sd1", 16, 16);
        Random random = new Random(9);
        List<String> rows = new ArrayList<>(List.of("image,caption,creator,licence,source"));
        for (int i = 0; i < 10; i++) {
            BufferedImage picture = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
            picture.setRGB(i, i, random.nextInt(1 << 24));
            picture.setRGB(3, i, random.nextInt(1 << 24));
            ImageIO.write(picture, "png", folder.resolve("held" + i + ".png").toFile());
            rows.add("held" + i + ".png,held " + i + ",Example Artist,CC0-1.0,https://example.org/held" + i);
        }
        Files.write(folder.resolve("held.csv"), rows);
    }

    private ExitStatus train(String name, String... further) {
        List<String> keys = new ArrayList<>(AUDIT);
        keys.addAll(List.of(further));
        return runs.tryToTrain(name, keys.toArray(String[]::new));
    }

    private String heldOut() {
        return "audit.held_out=" + runs.folder.resolve("held.csv");
    }

    private ExitStatus export(String name) {
        return runs.run(List.of("export", "run=" + runs.run(name), "format=[peft]"));
    }

    @Test
    void whatGivesNothingBackIsExportedWhole() throws IOException {
        assertThat(train("clean", heldOut(), "export.formats=[peft]"))
                .as(runs.said())
                .isEqualTo(ExitStatus.DONE);
        assertThat(runs.said()).contains("training pictures come back");
        assertThat(names("clean"))
                .contains("adapter.safetensors", "adapter-best.safetensors", "merged", "export")
                .doesNotContain("withheld.txt", ".withheld");
        assertThat(runs.run("clean").resolve("evaluation/audit.html"))
                .content()
                .contains("training pictures come back");
        assertThat(export("clean")).as(runs.said()).isEqualTo(ExitStatus.DONE);
    }

    @Test
    void gatedAndUngatedRunsExportTheSame() throws IOException {
        assertThat(train("gated", heldOut())).as(runs.said()).isEqualTo(ExitStatus.DONE);
        assertThat(train("gated-not", "audit.required=false")).as(runs.said()).isEqualTo(ExitStatus.DONE);
        assertThat(weights(runs.run("gated-not").resolve("state/step-000004/adapter.safetensors")))
                .isEqualTo(weights(runs.run("gated-not").resolve("adapter.safetensors")));
        for (String file : List.of("adapter.safetensors", "adapter-best.safetensors")) {
            assertThat(weights(runs.run("gated").resolve(file)))
                    .as(file)
                    .isNotEmpty()
                    .isEqualTo(weights(runs.run("gated-not").resolve(file)));
        }
    }

    @Test
    void whatGivesPicturesBackIsKeptBackByNameUntilAnAuditPasses() throws IOException {
        // At this level half of all clean pictures would be flagged: one detector is enough to give back.
        assertThat(train("copied", heldOut(), "audit.level=0.49", "audit.agreement=1", "audit.candidates=0"))
                .as(runs.said())
                .isEqualTo(ExitStatus.REFUSED);
        assertThat(runs.said())
                .containsPattern("given back: pairs\\d\\.png \\(")
                .contains("nothing is lost")
                .contains("audit.html shows them");
        assertThat(names("copied"))
                .contains("withheld.txt", "state")
                .doesNotContain("adapter.safetensors", "adapter-best.safetensors", "merged", "export", ".withheld");
        assertThat(runs.run("copied").resolve("state/step-000004")).isDirectoryNotContaining("glob:**adapter*");
        assertThat(export("copied")).isEqualTo(ExitStatus.REFUSED);
        assertThat(runs.said()).contains("is withheld").contains("given back").contains("train resume=");
        List<String> evaluate = List.of("evaluate", "run=" + runs.run("copied"), "device=cpu");
        assertThat(runs.run(evaluate)).isEqualTo(ExitStatus.REFUSED);
        // Leaving the audit out does not lead past it; one that passes does, without another step.
        assertThat(runs.run(List.of(
                        "train",
                        "resume=" + runs.run("copied"),
                        "audit.required=false",
                        "audit.level=0.001",
                        "audit.agreement=4")))
                .as(runs.said())
                .isEqualTo(ExitStatus.DONE);
        assertThat(runs.said()).contains("going on after step 4 of 4").contains("training pictures come back");
        assertThat(names("copied")).contains("adapter.safetensors", "merged").doesNotContain("withheld.txt");
        assertThat(export("copied")).as(runs.said()).isEqualTo(ExitStatus.DONE);
    }

    @Test
    void withoutEnoughHeldOutPicturesNothingIsExported() throws IOException {
        assertThat(train("untold")).isEqualTo(ExitStatus.REFUSED);
        assertThat(runs.said())
                .contains("the audit cannot be made: 0 held-out pictures are too few")
                .contains("audit.held_out");
        assertThat(names("untold")).contains("withheld.txt", "state").doesNotContain("adapter.safetensors", "merged");
    }

    @Test
    void anAuditThatFailsForItsSettingsKeepsBackToo() throws IOException {
        assertThat(train("mistyped", "audit.held_out=" + runs.folder.resolve("none.csv")))
                .isEqualTo(ExitStatus.REFUSED);
        assertThat(runs.said()).contains("the audit cannot be made: ").contains("none.csv");
        assertThat(names("mistyped")).contains("withheld.txt").doesNotContain("adapter.safetensors", "merged");
    }

    private Map<String, List<Float>> weights(Path file) throws IOException {
        Map<String, List<Float>> weights = new TreeMap<>();
        AdapterFile.read(file, runs.base().component(Component.UNET).config())
                .of(Component.UNET)
                .forEach((module, state) -> state.tensors().forEach((role, tensor) -> {
                    List<Float> values = new ArrayList<>();
                    for (float value : tensor.view().toFloats()) {
                        values.add(value);
                    }
                    weights.put(module + " " + role, values);
                }));
        return weights;
    }

    private List<String> names(String run) throws IOException {
        try (Stream<Path> all = Files.list(runs.run(run))) {
            return all.map(path -> path.getFileName().toString()).toList();
        }
    }
}
