package atelier.datasets.consent.licence;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.datasets.pairs.Cases;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** SPDX expressions against the same expressions evaluated with plain Booleans. */
class LicenceExpressionTest {
    private static final Set<String> ALLOWED = Set.of("MIT", "CC0-1.0");

    /** An expression as written, and whether it should be allowed. */
    private record Known(String text, boolean allowed) {}

    private static Known expression(Random random, int depth) {
        if (depth == 0 || random.nextInt(3) == 0) {
            String id = Cases.oneOf(random, "MIT", "CC0-1.0", "GPL-3.0-only", "CC-BY-NC-4.0", "LicenseRef-a");
            return new Known(id, ALLOWED.contains(id));
        }
        Known a = expression(random, depth - 1);
        Known b = expression(random, depth - 1);
        String word = Cases.oneOf(random, "AND", "OR", "and", "or");
        return new Known(
                "(" + a.text() + ") " + word + " ( " + b.text() + ")",
                word.equalsIgnoreCase("and") ? a.allowed() && b.allowed() : a.allowed() || b.allowed());
    }

    @Test
    void anExpressionIsAllowedExactlyWhenSomeChoiceIs() {
        Cases.check(
                1,
                2000,
                random -> expression(random, 3),
                known -> assertThat(LicenceExpression.test(known.text(), ALLOWED::contains))
                        .isEqualTo(known.allowed()));
    }

    @Test
    void andBindsMoreTightlyThanOr() {
        Predicate<String> allowed = ALLOWED::contains;
        for (String a : List.of("MIT", "GPL-3.0-only")) {
            for (String b : List.of("CC0-1.0", "GPL-3.0-only")) {
                for (String c : List.of("MIT", "GPL-3.0-only")) {
                    assertThat(LicenceExpression.test(a + " OR " + b + " AND " + c, allowed))
                            .as("%s OR %s AND %s", a, b, c)
                            .isEqualTo(allowed.test(a) || (allowed.test(b) && allowed.test(c)));
                    assertThat(LicenceExpression.test(a + " AND " + b + " OR " + c, allowed))
                            .as("%s AND %s OR %s", a, b, c)
                            .isEqualTo((allowed.test(a) && allowed.test(b)) || allowed.test(c));
                }
            }
        }
    }

    private record Restricted(String text, String id) {}

    private static Restricted restricted(Random random) {
        String terms = Cases.oneOf(random, "BY-NC", "BY-ND", "BY-NC-SA", "BY-NC-ND", "by-nc", "by-nc-nd");
        String version = Cases.oneOf(random, "1.0", "2.0", "2.5", "3.0", "4.0");
        String form = Cases.oneOf(random, "CC-%s-%s", "CC %s %s", "cc_%s_%s");
        return new Restricted(
                String.format(form, terms, version), "CC-" + terms.toUpperCase(Locale.ROOT) + "-" + version);
    }

    @Test
    void restrictingTermsAreSeenInAnyVersionAndSpelling() {
        LicencePolicy policy = new LicencePolicy(List.of("*"), false, false);
        Cases.check(1, 500, LicenceExpressionTest::restricted, stated -> {
            String objection = stated.id().contains("NC")
                    ? "' forbids commercial use, and licence.non_commercial excludes such licences"
                    : "' forbids derivatives, and licence.no_derivatives excludes such licences";
            assertThat(policy.judge(stated.text(), true))
                    .isEqualTo(new LicencePolicy.Judgement(stated.id(), "'" + stated.id() + objection));
        });
    }
}
