package atelier.common.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.error.WrongCommandException;
import java.util.List;
import org.junit.jupiter.api.Test;

class ByteSizeTest {
    @Test
    void sizesAreReadAsPeopleWriteThem() {
        assertThat(ByteSize.parse("10GB").bytes()).isEqualTo(10_000_000_000L);
        assertThat(ByteSize.parse("500 MiB").bytes()).isEqualTo(500L << 20);
        assertThat(ByteSize.parse("1.5k").bytes()).isEqualTo(1500);
        assertThat(ByteSize.parse("20000").bytes()).isEqualTo(20000);
        for (String wrong : List.of("", "GB", "-1GB", "10 apples", "0", "1e9")) {
            assertThatThrownBy(() -> ByteSize.parse(wrong))
                    .as(wrong)
                    .isInstanceOf(WrongCommandException.class)
                    .hasMessageContaining("size");
        }
    }
}
