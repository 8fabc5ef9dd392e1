package atelier.cli.drawing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.cli.sweep.SweepGrid;
import atelier.cli.sweep.SweptRun;
import atelier.common.error.RefusedException;
import atelier.inference.prompt.PlainWords;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PromptGateTest {
    @TempDir
    Path folder;

    private Path list;

    @BeforeEach
    void writeList() throws IOException {
        list = Files.writeString(
                folder.resolve("optout.jsonl"),
                "{\"id\": \"1\", \"kind\": \"domain\", \"value\": \"example.org\"}\n"
                        + "{\"id\": \"2\", \"kind\": \"creator\", \"value\": \"Jo Example\", \"aliases\": [\"jex\"]}\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a fox by Jo Example",
                "a fox by (jo:1.3) EX[am]PLE",
                "[a fox:a fox by jo example:0.5]",
                "[fox|Jo Example|owl]",
                "ＪＯ　Ｅｘａｍｐｌｅ",
                "in the style of JEX, oil"
            })
    void aCreatorWhoOptedOutMayNotBeNamed(String prompt) {
        PromptGate gate = gate(prompt);
        assertThatThrownBy(() -> gate.requireConsent(List.of(), List.of(list), message -> {}))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("rule creator: the prompt names")
                .hasMessageContaining("optout.jsonl line 2 opts out");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a fox by Joan Examples", "an example, jo", "a jexter"})
    void otherWordsMay(String prompt) {
        PromptGate gate = gate(prompt);
        assertThatCode(() -> gate.requireConsent(List.of(), List.of(list), message -> {}))
                .doesNotThrowAnyException();
    }

    @Test
    void theListsOfTheRunBehindAnAdapterCount() throws IOException {
        Path run = Files.createDirectories(folder.resolve("checkpoints/run"));
        Files.writeString(run.resolve("resolved.conf"), "optout { manifests = [ \"optout.jsonl\" ] }\n");
        Path unet = Files.createDirectories(run.resolve("merged"));
        for (Path product : List.of(run.resolve("adapter.safetensors"), unet)) {
            PromptGate gate = gate("by Jo Example");
            assertThatThrownBy(() -> gate.requireConsent(List.of(product), List.of(), message -> {}))
                    .isInstanceOf(RefusedException.class)
                    .hasMessageContaining("line 2 opts out");
        }
        Files.delete(list);
        assertThatThrownBy(() -> gate("a fox").requireConsent(List.of(unet), List.of(), message -> {}))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("optout.jsonl does not exist");
    }

    @Test
    void withoutSettingsTheLedgerNamesTheLists() throws IOException {
        Path run = Files.createDirectories(folder.resolve("moved"));
        Files.writeString(run.resolve("ledger.json"), "{\"lists\": [{\"name\": \"optout.jsonl\"}]}");
        PromptGate gate = gate("by Jo Example");
        assertThatThrownBy(() -> gate.requireConsent(List.of(run.resolve("a.safetensors")), List.of(), message -> {}))
                .hasMessageContaining("line 2 opts out");
    }

    @Test
    void aPolicyForbidsWordsAndCreators() throws IOException {
        Path policy = Files.writeString(
                folder.resolve("policy.csv"), "kind,value,reason\nword,gore,house rule\ncreator,\"Doe, Jane\",\n");
        assertThatThrownBy(() -> gate("some GORE, red").requirePolicy(policy))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("the word 'gore', which")
                .hasMessageContaining("policy.csv line 2 forbids (house rule)");
        assertThatThrownBy(() -> gate("by jane doe").requirePolicy(policy))
                .hasMessageContaining("the creator 'Doe, Jane', which");
        assertThatCode(() -> gate("a gored ox").requirePolicy(policy)).doesNotThrowAnyException();
    }

    @Test
    void aPolicyThatCannotBeReadRefuses() throws IOException {
        assertThatThrownBy(() -> gate("a").requirePolicy(folder.resolve("none.csv")))
                .isInstanceOf(RefusedException.class);
        Path kind = Files.writeString(folder.resolve("kind.csv"), "kind,value\nphrase,x\n");
        assertThatThrownBy(() -> gate("a").requirePolicy(kind))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("kind.csv line 2: the kind 'phrase' is neither word nor creator");
    }

    @Test
    void aSweepOfTwoKeysMakesRowsAndColumns() throws IOException {
        List<SweptRun> runs = new ArrayList<>();
        for (String label : List.of("a=1,b=[1,2]", "a=1,b=3", "a=2,b=[1,2]", "a=2,b=3")) {
            Path file = folder.resolve(label.replaceAll("\\W", "_") + ".png");
            ImageIO.write(new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB), "png", file.toFile());
            runs.add(new SweptRun(label, List.of(file)));
        }
        Path grid = SweepGrid.write(runs, folder).orElseThrow();
        var picture = ImageIO.read(grid.toFile());
        // Labels take 120 pixels on the left; two columns of 40 with a gap, two rows of 30 below a line of text.
        assertThat(picture.getWidth()).isEqualTo(120 + 40 + 4 + 40);
        assertThat(picture.getHeight()).isBetween(64 + 10, 64 + 60);
        assertThat(SweepGrid.write(List.of(), folder)).isEmpty();
    }

    private PromptGate gate(String prompt) {
        return new PromptGate(folder, Map.of("the prompt", PlainWords.of(prompt, 10)));
    }
}
