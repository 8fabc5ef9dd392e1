package atelier.datasets.consent.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.error.RefusedException;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromptPolicyFileTest {
    @TempDir
    Path folder;

    // Field case 15.
    @Test
    void aPolicyMayBeginWithAByteOrderMarkAndComeFromASpreadsheet() throws IOException {
        Path file = folder.resolve("policy.csv");
        for (String name : new String[] {"UTF-8", "UTF-16LE", "UTF-16BE"}) {
            for (String separator : new String[] {",", ";", "\t"}) {
                String table = "\uFEFFKind,Value,Reason\r\nword,gore,house rule\r\ncreator,Jos\u00e9 Ejemplo,\r\n";
                Files.write(file, table.replace(",", separator).getBytes(Charset.forName(name)));
                PromptPolicy policy = PromptPolicy.read(file);
                assertThat(policy.objection("by jos\u00e9 ejemplo")).isPresent();
                assertThat(policy.objection("much gore").orElse("")).endsWith("line 2 forbids (house rule)");
                assertThat(policy.objection("a cat")).isEmpty();
            }
        }
    }

    @Test
    void aPolicyInAnotherCharsetIsRefused() throws IOException {
        Path file = folder.resolve("policy.csv");
        Files.write(file, "kind,value\ncreator,Jos\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> PromptPolicy.read(file))
                .isInstanceOf(RefusedException.class)
                .hasMessageEndingWith("is not UTF-8; save it as UTF-8");
    }
}
