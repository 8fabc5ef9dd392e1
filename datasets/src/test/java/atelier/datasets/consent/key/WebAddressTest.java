package atelier.datasets.consent.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.error.MalformedException;
import atelier.datasets.pairs.Cases;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebAddressTest {
    @ParameterizedTest
    @CsvSource({
        "https://Example.COM/a.png,example.com/a.png",
        "http://example.com:80/a.png,example.com/a.png",
        "https://www.example.com:443/a.png,example.com/a.png",
        "example.com:8080/a.png,example.com:8080/a.png",
        "//example.com/a.png#top,example.com/a.png",
        "https://user:secret@example.com/a.png,example.com/a.png",
        "https://example.com,example.com/",
        "https://example.com./x/../a.png,example.com/a.png",
        "https://example.com/./b/../../a.png?,example.com/a.png",
        "https://example.com/%61%2Fb%7e.png,example.com/a%2Fb~.png",
        "https://example.com/Größe.png,example.com/Gr%C3%B6%C3%9Fe.png",
        "https://example.com/a.png?utm_source=x&b=2&a=1&fbclid=9,example.com/a.png?b=2&a=1",
        "https://bücher.example/a,xn--bcher-kva.example/a",
        "https:\\\\example.com\\a\\b,example.com/a/b",
        "https://[2001:DB8::1]/a,[2001:db8::1]/a",
        "https://example.com/a%2,example.com/a%252",
    })
    void equalPlacesHaveOneKey(String text, String key) {
        assertThat(WebAddress.parse(text).key()).isEqualTo(key);
    }

    @Test
    void pathsKeepTheirLetterCase() {
        assertThat(WebAddress.parse("https://example.com/A.png").key())
                .isNotEqualTo(WebAddress.parse("https://example.com/a.png").key());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "   ",
                "data:image/png;base64,AAAA",
                "mailto:a@example.com",
                "https:///",
                "http://exa mple.com/"
            })
    void whatIsNoPlaceOnTheWebIsRefused(String text) {
        assertThatThrownBy(() -> WebAddress.parse(text)).isInstanceOf(MalformedException.class);
    }

    /** A blank before it takes a text through all rules; without, most addresses are taken as they are. */
    @Test
    void anAddressIsReadAlikeBySteps() {
        String letters = "abcz019-._/.:%?#@~!$&'()*+,;=AZ\u00e9 ";
        Cases.check(1, 20_000, random -> address(random, letters), text -> {
            assertThat(read(text)).as(text).isEqualTo(read(" " + text));
        });
    }

    private static String address(java.util.Random random, String letters) {
        StringBuilder text = new StringBuilder(random.nextBoolean() ? "https://" : "http://");
        int common = random.nextInt(4) == 0 ? letters.length() : 12;
        for (int i = random.nextInt(80); i > 0; i--) {
            text.append(letters.charAt(random.nextInt(common)));
        }
        return text.toString();
    }

    private static String read(String text) {
        try {
            return WebAddress.parse(text).toString();
        } catch (MalformedException e) {
            return "malformed";
        }
    }

    @Test
    void aPathOfAnyTextKeepsItsHostAndItsKeyNamesItself() {
        Cases.check(1, 4000, random -> Cases.text(random, 60), text -> {
            WebAddress address = WebAddress.parse("https://example.com/" + text);
            assertThat(address.host()).isEqualTo("example.com");
            assertThat(address.key()).isEqualTo("example.com" + address.path());
            assertThat(WebAddress.parse("https://" + address.key())).isEqualTo(address);
        });
    }

    @Test
    void anyTextGivesAnAddressWithItsHostOrARefusalThatQuotesIt() {
        Cases.check(1, 4000, random -> Cases.text(random, 60), text -> {
            try {
                WebAddress address = WebAddress.parse(text);
                assertThat(address.host()).isNotBlank().isEqualTo(address.host().toLowerCase(Locale.ROOT));
                assertThat(WebAddress.parse("https://" + address.key()).key()).isEqualTo(address.key());
            } catch (MalformedException e) {
                assertThat(e).hasMessageContaining("'");
            }
        });
    }
}
