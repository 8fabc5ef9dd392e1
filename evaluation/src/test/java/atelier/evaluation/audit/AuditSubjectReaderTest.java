package atelier.evaluation.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import atelier.common.error.WrongCommandException;
import atelier.common.file.Sha256;
import atelier.datasets.batch.CaptionSettings;
import atelier.datasets.decode.DecodeSettings;
import atelier.datasets.pairs.TextForm;
import atelier.evaluation.audit.detect.AuditSubject;
import atelier.evaluation.audit.detect.SplitRole;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AuditSubjectReaderTest {
    @TempDir
    Path folder;

    @BeforeEach
    void writePictures() throws IOException {
        for (int i = 0; i < 5; i++) {
            BufferedImage picture = new BufferedImage(30, 20, BufferedImage.TYPE_INT_RGB);
            picture.setRGB(15, 10, 1000 * (i + 1));
            ImageIO.write(picture, "png", folder.resolve(i + ".png").toFile());
        }
        Files.writeString(
                folder.resolve("captions.csv"),
                "image,caption,creator\n0.png,zero,Jo\n1.png,one,Jo\n2.png,two,\n3.png,three,\n");
        Files.writeString(folder.resolve("captions-held-out.csv"), "image,caption\n4.png,four\n0.png,zero again\n");
        Files.writeString(
                folder.resolve("ledger.csv"),
                "image,sha256,verdict\nelsewhere/0.png," + digest(0) + ",included\n1.png," + digest(1)
                        + ",excluded\n2.png," + digest(2) + ",failed\n");
    }

    private String digest(int picture) throws IOException {
        return Sha256.of(Files.readAllBytes(folder.resolve(picture + ".png")));
    }

    @Test
    void rolesFollowTheLedgerByDigestAndTheTableBesideThePairs() throws IOException {
        List<AuditSubject> subjects = reader().read(folder.resolve("ledger.csv"), null);
        assertThat(subjects)
                .extracting(AuditSubject::name, AuditSubject::role, AuditSubject::caption, AuditSubject::creator)
                .containsExactly(
                        tuple("0.png", SplitRole.TRAINING, "zero", "Jo"),
                        tuple("1.png", SplitRole.EXCLUDED, "one", "Jo"),
                        tuple("4.png", SplitRole.HELD_OUT, "four", ""));
        assertThat(subjects)
                .allSatisfy(subject -> assertThat(subject.pixels().width())
                        .isEqualTo(subject.pixels().height())
                        .isEqualTo(16));
    }

    @Test
    void aLedgerOfOtherPicturesIsAMistake() throws IOException {
        Files.writeString(folder.resolve("ledger.csv"), "image,sha256,verdict\n0.png,abc,included\n");
        assertThatThrownBy(() -> reader().read(folder.resolve("ledger.csv"), null))
                .isInstanceOf(WrongCommandException.class)
                .hasMessageContaining("captions.csv")
                .hasMessageContaining("data.pairs");
    }

    private AuditSubjectReader reader() {
        return new AuditSubjectReader(
                folder.resolve("captions.csv"),
                folder,
                TextForm.plain(),
                CaptionSettings.plain(),
                DecodeSettings.plain(),
                16);
    }
}
