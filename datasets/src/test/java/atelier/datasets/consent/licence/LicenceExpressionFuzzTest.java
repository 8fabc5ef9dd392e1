package atelier.datasets.consent.licence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.error.MalformedException;
import atelier.datasets.fuzz.Corpus;
import atelier.datasets.pairs.Cases;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/**
 * Any text is an expression or refused, whatever licences are allowed. An expression has no negation: where everything
 * is allowed it is allowed, and where nothing is it is not.
 */
class LicenceExpressionFuzzTest {
    @FuzzTest(maxDuration = "2m")
    void expression(byte[] bytes) {
        String text = new String(bytes, StandardCharsets.UTF_8);
        boolean allowed;
        try {
            allowed = LicenceExpression.test(text, id -> true);
        } catch (MalformedException refused) {
            assertThat(refused.getMessage()).matches("(?s).*( is no SPDX licence|is not closed)");
            assertThatThrownBy(() -> LicenceExpression.test(text, id -> false))
                    .isInstanceOf(MalformedException.class)
                    .hasMessage(refused.getMessage());
            return;
        }
        assertThat(allowed).isTrue();
        assertThat(LicenceExpression.test(text, id -> false)).isFalse();
    }

    @Test
    void damagedExpressions() throws Exception {
        Corpus.damage(LicenceExpressionFuzzTest.class, "expression", 2000, this::expression);
    }

    @Test
    void anyText() {
        Cases.check(1, 2000, random -> Cases.text(random, 60).getBytes(StandardCharsets.UTF_8), this::expression);
    }
}
