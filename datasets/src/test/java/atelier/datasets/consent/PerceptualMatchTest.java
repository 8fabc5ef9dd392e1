package atelier.datasets.consent;

import static atelier.datasets.consent.Consents.entry;
import static atelier.datasets.consent.Consents.list;
import static atelier.datasets.consent.Consents.lists;
import static atelier.datasets.consent.Consents.open;
import static atelier.datasets.consent.Consents.pair;
import static atelier.datasets.consent.Consents.verdict;
import static org.assertj.core.api.Assertions.assertThat;

import atelier.datasets.consent.ledger.Outcome;
import atelier.datasets.consent.ledger.Rule;
import atelier.datasets.consent.ledger.Verdict;
import atelier.datasets.hash.Pdq;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pictures that are known by their looks, whatever was done to their files. */
class PerceptualMatchTest {
    @TempDir
    Path folder;

    @Test
    void aMirroredTurnedAndReencodedPictureIsStillKnown() throws IOException {
        BufferedImage original = Consents.picture(4);
        Path image = Files.write(folder.resolve("o.png"), Consents.encode(original, "png"));
        int across = original.getHeight();
        int down = original.getWidth();
        BufferedImage turned = new BufferedImage(across, down, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < original.getHeight(); y++) {
            for (int x = 0; x < original.getWidth(); x++) {
                turned.setRGB(y, x, original.getRGB(x, y)); // mirrored along the diagonal
            }
        }
        Path copy = Files.write(folder.resolve("copy.jpg"), Consents.encode(turned, "jpg"));
        Path list = list(folder, entry("pdq", Pdq.of(image).hex()));

        assertThat(verdict(lists(list), open(), pair(copy)).rule()).isEqualTo(Rule.PDQ);
        OptOutSettings off = new OptOutSettings(List.of(list), List.of(), List.of(), false, false, 31, true);
        assertThat(verdict(off, open(), pair(copy)).outcome()).isEqualTo(Outcome.INCLUDED);
    }

    @Test
    void copiesOfASmallPictureAreKnownInEveryPosition() throws IOException {
        BufferedImage original = Consents.picture(5);
        Path image = Files.write(folder.resolve("o.png"), Consents.encode(original, "png"));
        OptOutSettings lists = lists(list(folder, entry("pdq", Pdq.of(image).hex())));
        for (int quarter = 0; quarter < 4; quarter++) {
            for (double mirror : new double[] {1, -1}) {
                BufferedImage copy = moved(original, quarter, mirror);
                Path file = Files.write(folder.resolve("copy.png"), Consents.encode(copy, "png"));
                assertThat(verdict(lists, open(), pair(file)).rule())
                        .as(quarter + " quarters, " + mirror)
                        .isEqualTo(Rule.PDQ);
            }
        }
    }

    private static BufferedImage moved(BufferedImage in, int quarters, double mirror) {
        int width = quarters % 2 == 0 ? in.getWidth() : in.getHeight();
        int height = quarters % 2 == 0 ? in.getHeight() : in.getWidth();
        BufferedImage out = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        var graphics = out.createGraphics();
        graphics.translate(width / 2.0, height / 2.0);
        graphics.scale(mirror, 1);
        graphics.rotate(quarters * Math.PI / 2);
        graphics.translate(-in.getWidth() / 2.0, -in.getHeight() / 2.0);
        graphics.drawImage(in, 0, 0, null);
        graphics.dispose();
        return out;
    }

    @Test
    void aFlatPictureIsIncludedWithANoteThatLooksCannotTell() throws IOException {
        BufferedImage flat = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        Path image = Files.write(folder.resolve("flat.png"), Consents.encode(flat, "png"));
        Verdict verdict = verdict(lists(list(folder, entry("pdq", "0".repeat(64)))), open(), pair(image));
        assertThat(verdict.outcome()).isEqualTo(Outcome.INCLUDED);
        assertThat(verdict.reason()).contains("too flat");
    }
}
