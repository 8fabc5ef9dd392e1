package atelier.datasets.decode;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.common.image.Lanczos;
import atelier.common.image.Pixels;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class LanczosTest {
    @Test
    void resizedPicturesEqualPillows() throws IOException {
        Pixels source = Golden.decode("resize-source.png");
        for (String line : Golden.lines("resize.txt")) {
            String[] part = line.split(" ");
            Pixels resized = Lanczos.resize(source, Integer.parseInt(part[1]), Integer.parseInt(part[2]));
            assertThat(Golden.difference(resized, Golden.expected(part[0])))
                    .as(line)
                    .isZero();
        }
    }

    @Test
    void aPartEqualsTheSamePartOfTheWhole() throws IOException {
        Pixels source = Golden.decode("resize-source.png");
        Pixels whole = Lanczos.resize(source, 50, 40).crop(7, 9, 30, 20);
        assertThat(Lanczos.resize(source, 50, 40, 7, 9, 30, 20).rgb()).isEqualTo(whole.rgb());
    }
}
