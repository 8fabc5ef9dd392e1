package atelier.datasets.hash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.image.Lanczos;
import atelier.common.image.Pixels;
import atelier.datasets.decode.Golden;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class PdqTest {
    /** The picture and its digest come with the reference implementation (see golden/README.md). */
    @Test
    void thePublishedPictureHasThePublishedDigest() throws IOException {
        Pdq pdq = Pdq.of(Golden.file("bridge-1-original.jpg"));
        assertThat(pdq.hex()).isEqualTo("f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22");
        assertThat(pdq.quality()).isEqualTo(100);
    }

    @Test
    void allEightPositionsEqualTheReferences() throws IOException {
        for (String line : Golden.lines("pdq.txt")) {
            String[] part = line.split(" ");
            List<Pdq> all = Pdq.dihedral(Golden.decode(part[0] + ".png"));
            assertThat(all.get(0).quality()).as(part[0]).isEqualTo(Integer.parseInt(part[1]));
            if (all.get(0).comparable()) {
                assertThat(all)
                        .extracting(Pdq::hex)
                        .as(part[0])
                        .containsExactlyElementsOf(List.of(part).subList(2, 10));
            }
        }
    }

    @Test
    void eachPositionIsTheDigestOfThePictureSoTurned() throws IOException {
        for (String name : List.of("pdq-wide.png", "pdq-tall.png", "pdq-large.png")) {
            Pixels picture = Golden.decode(name);
            List<Pdq> positions = Pdq.positions(picture);
            Pixels turned = transposed(picture);
            List<Pixels> pictures = List.of(
                    picture,
                    upsideDown(turned),
                    upsideDown(picture.flipped()),
                    turned.flipped(),
                    upsideDown(picture),
                    picture.flipped(),
                    turned,
                    upsideDown(turned.flipped()));
            for (int i = 0; i < Pdq.DIHEDRAL; i++) {
                assertThat(positions.get(i).distance(Pdq.of(pictures.get(i))))
                        .as(name + " " + i)
                        .isLessThanOrEqualTo(6);
            }
            assertThat(positions.get(5).distance(positions.get(0))).isGreaterThan(Pdq.MATCH);
        }
    }

    private static Pixels upsideDown(Pixels p) {
        byte[] out = new byte[p.rgb().length];
        int row = 3 * p.width();
        for (int y = 0; y < p.height(); y++) {
            System.arraycopy(p.rgb(), y * row, out, (p.height() - 1 - y) * row, row);
        }
        return new Pixels(p.width(), p.height(), out);
    }

    private static Pixels transposed(Pixels p) {
        byte[] out = new byte[p.rgb().length];
        for (int y = 0; y < p.height(); y++) {
            for (int x = 0; x < p.width(); x++) {
                System.arraycopy(p.rgb(), (y * p.width() + x) * 3, out, (x * p.height() + y) * 3, 3);
            }
        }
        return new Pixels(p.height(), p.width(), out);
    }

    @Test
    void aShrunkPictureStaysTheSame() throws IOException {
        Pixels picture = Golden.decode("pdq-large.png");
        Pixels shrunk = Lanczos.resize(picture, 150, 101);
        assertThat(Pdq.of(picture).distance(Pdq.of(shrunk))).isLessThanOrEqualTo(Pdq.MATCH);
    }

    @Test
    void aFlatPictureIsNotCompared() throws IOException {
        assertThat(Pdq.of(Golden.file("pdq-flat.png")).comparable()).isFalse();
    }

    @Test
    void theWrittenFormReadsBack() {
        String hex = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22";
        assertThat(Pdq.parse(hex).hex()).isEqualTo(hex);
        assertThatThrownBy(() -> Pdq.parse(hex.substring(1))).hasMessageContaining("64 hexadecimal digits, got 63");
        assertThatThrownBy(() -> Pdq.parse("+" + hex.substring(1))).hasMessageContaining("64 hexadecimal digits");
    }
}
