package atelier.datasets.consent.licence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.StringLength;

/** SPDX expressions against the same expressions reckoned with plain Booleans. */
class LicenceExpressionPropertiesTest {
    private static final Set<String> ALLOWED = Set.of("MIT", "CC0-1.0");

    /** An expression as written, and whether it should be allowed. */
    record Known(String text, boolean allowed) {}

    @Provide
    Arbitrary<Known> expressions() {
        return expressions(3);
    }

    private static Arbitrary<Known> expressions(int depth) {
        Arbitrary<Known> leaf = Arbitraries.of("MIT", "CC0-1.0", "GPL-3.0-only", "CC-BY-NC-4.0", "LicenseRef-a")
                .map(id -> new Known(id, ALLOWED.contains(id)));
        if (depth == 0) {
            return leaf;
        }
        Arbitrary<Known> inner = expressions(depth - 1);
        Arbitrary<Known> joined = Combinators.combine(inner, Arbitraries.of("AND", "OR", "and", "or"), inner)
                .as((a, word, b) -> new Known(
                        "(" + a.text() + ") " + word + " ( " + b.text() + ")",
                        word.equalsIgnoreCase("and") ? a.allowed() && b.allowed() : a.allowed() || b.allowed()));
        return Arbitraries.oneOf(leaf, joined);
    }

    @Property(tries = 1000)
    void anExpressionIsAllowedExactlyWhenSomeChoiceIs(@ForAll("expressions") Known known) {
        assertThat(LicenceExpression.test(known.text(), ALLOWED::contains))
                .as(known.text())
                .isEqualTo(known.allowed());
    }

    @Property(tries = 1000)
    void andBindsMoreTightlyThanOr(@ForAll("ids") List<String> ids) {
        String text = ids.get(0) + " OR " + ids.get(1) + " AND " + ids.get(2);
        Predicate<String> allowed = ALLOWED::contains;
        boolean expected = allowed.test(ids.get(0)) || (allowed.test(ids.get(1)) && allowed.test(ids.get(2)));
        assertThat(LicenceExpression.test(text, allowed)).as(text).isEqualTo(expected);
    }

    @Provide
    Arbitrary<List<String>> ids() {
        return Arbitraries.of("MIT", "CC0-1.0", "GPL-3.0-only").list().ofSize(3);
    }

    @Property(tries = 2000)
    void anyTextIsAnExpressionOrRefused(@ForAll @StringLength(max = 60) String text) {
        try {
            // Nothing that is not on the list is allowed, whatever it is joined to.
            assertThat(LicenceExpression.test(text, id -> false)).isFalse();
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    @Property(tries = 500)
    void restrictingTermsAreSeenInAnyVersionAndSpelling(@ForAll("restricted") String text) {
        LicencePolicy policy = new LicencePolicy(List.of("*"), false, false);
        LicencePolicy.Judgement judgement = policy.judge(text, true);
        assertThat(judgement).isNotNull();
        assertThat(judgement.objection()).as(text).isNotNull();
    }

    @Provide
    Arbitrary<String> restricted() {
        Arbitrary<String> terms = Arbitraries.of("BY-NC", "BY-ND", "BY-NC-SA", "BY-NC-ND", "by-nc", "by-nc-nd");
        Arbitrary<String> version = Arbitraries.of("1.0", "2.0", "2.5", "3.0", "4.0");
        return Combinators.combine(terms, version, Arbitraries.of("CC-%s-%s", "CC %s %s", "cc_%s_%s"))
                .as((t, v, form) -> String.format(form, t, v));
    }
}
