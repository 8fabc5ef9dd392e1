package atelier.studio;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class BrowserTest {
    @Test
    void withoutADesktopNoBrowserIsOpened() {
        assertThat(Browser.command("Linux", Map.of(), "http://x")).isEmpty();
        assertThat(Browser.command("Linux", Map.of("DISPLAY", ":0"), "http://x"))
                .containsExactly("xdg-open", "http://x");
        assertThat(Browser.command("Mac OS X", Map.of(), "http://x")).containsExactly("open", "http://x");
    }
}
