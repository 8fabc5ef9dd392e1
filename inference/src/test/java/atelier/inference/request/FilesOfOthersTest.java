package atelier.inference.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.image.PixelPlanes;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prompt files and masks as other programs save them. */
class FilesOfOthersTest {
    @TempDir
    Path folder;

    // Field case 15.
    @Test
    void promptsMayBeginWithAByteOrderMark() throws IOException {
        for (String name : new String[] {"UTF-8", "UTF-16LE", "UTF-16BE"}) {
            Path lines = folder.resolve("prompts.txt");
            Files.write(lines, "\uFEFFa cat\r\n# no\r\na \u732b\r\n".getBytes(Charset.forName(name)));
            assertThat(PromptList.read(lines))
                    .as(name)
                    .extracting(PromptList.Entry::prompt)
                    .containsExactly("a cat", "a \u732b");
            Path table = folder.resolve("prompts.csv");
            Files.write(table, "\uFEFFprompt,seed\r\na cat,7\r\n".getBytes(Charset.forName(name)));
            assertThat(PromptList.read(table))
                    .as(name)
                    .extracting(PromptList.Entry::seed)
                    .containsExactly(7L);
        }
    }

    @Test
    void promptsInAnotherCharsetAreRefused() throws IOException {
        Path lines = Files.write(folder.resolve("prompts.txt"), "caf\u00e9".getBytes(Charset.forName("windows-1252")));
        assertThatThrownBy(() -> PromptList.read(lines)).hasMessageContaining("is not UTF-8 text; save it as UTF-8");
    }

    // Field case 17.
    @Test
    void promptsFromASpreadsheetAreRead() throws IOException {
        Path table = Files.writeString(
                folder.resolve("prompts.csv"),
                "sep=;\r\nPrompt;negative_prompt;Seed\r\n\"a cat; asleep\";;3\r\na dog;dull;\r\n;;\r\n");
        assertThat(PromptList.read(table))
                .extracting(PromptList.Entry::prompt)
                .containsExactly("a cat; asleep", "a dog");
        assertThat(PromptList.read(table))
                .extracting(PromptList.Entry::negativePrompt)
                .containsExactly(null, "dull");
        assertThat(PromptList.read(table).get(1).place()).endsWith("prompts.csv line 4");
    }

    // Field case 21.
    @Test
    void aMaskIsBlackWhereItIsTransparent() throws IOException {
        BufferedImage picture = new BufferedImage(8, 4, BufferedImage.TYPE_INT_RGB);
        BufferedImage hidden = new BufferedImage(8, 4, BufferedImage.TYPE_INT_ARGB);
        BufferedImage deep = new BufferedImage(8, 4, BufferedImage.TYPE_USHORT_GRAY);
        BufferedImage half = new BufferedImage(8, 4, BufferedImage.TYPE_INT_ARGB);
        for (int y = 0; y < 4; y++) {
            for (int x = 0; x < 8; x++) {
                hidden.setRGB(x, y, x < 3 ? 0x00FFFFFF : 0xFFFFFFFF);
                // 100 of 255 is dark, however the runtime would brighten it.
                deep.getRaster().setSample(x, y, 0, x < 3 ? 100 * 257 : 65535);
                half.setRGB(x, y, x < 3 ? 0x60FFFFFF : 0xC0FFFFFF);
            }
        }
        Path image = folder.resolve("image.png");
        ImageIO.write(picture, "png", image.toFile());
        for (BufferedImage drawn : new BufferedImage[] {hidden, deep, half}) {
            Path file = folder.resolve("mask.png");
            ImageIO.write(drawn, "png", file.toFile());
            BufferedImage mask = StartingPicture.read(image, file, 0.5).mask();
            assertThat(mask).isNotNull();
            float[] values = PixelPlanes.mask(mask);
            for (int i = 0; i < values.length; i++) {
                assertThat(values[i]).isEqualTo(i % 8 < 3 ? 0f : 1f);
            }
        }
    }
}
