package atelier.datasets.consent.licence;

import atelier.common.error.MalformedException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Locale;
import java.util.function.Predicate;

/**
 * A licence expression of SPDX: identifiers joined by AND, OR and WITH, with brackets. AND binds more tightly than OR.
 *
 * <p>Source: SPDX Specification 3.0, annex B.
 */
final class LicenceExpression {
    private static final int MAX_TOKENS = 200;

    private final Deque<String> tokens;
    private final Predicate<String> allowed;

    private LicenceExpression(Deque<String> tokens, Predicate<String> allowed) {
        this.tokens = tokens;
        this.allowed = allowed;
    }

    /**
     * Whether the licence, or some choice among those offered, is allowed throughout.
     *
     * @param allowed whether one identifier is; {@code A WITH B} is asked for as a whole
     * @throws MalformedException when the text is no expression
     */
    static boolean test(String text, Predicate<String> allowed) {
        String id = LicenceId.of(text);
        if (id != null) {
            return allowed.test(id);
        }
        String[] words = text.replace("(", " ( ").replace(")", " ) ").strip().split("\\s+");
        if (words.length > MAX_TOKENS) {
            throw new MalformedException("'" + text.substring(0, 80) + "...' is no SPDX licence");
        }
        LicenceExpression expression = new LicenceExpression(new ArrayDeque<>(Arrays.asList(words)), allowed);
        boolean result = expression.any();
        if (!expression.tokens.isEmpty()) {
            throw new MalformedException("'" + text + "' is no SPDX licence");
        }
        return result;
    }

    private boolean any() {
        boolean result = all();
        while (next("OR")) {
            result |= all();
        }
        return result;
    }

    private boolean all() {
        boolean result = one();
        while (next("AND")) {
            result &= one();
        }
        return result;
    }

    private boolean one() {
        if (next("(")) {
            boolean result = any();
            if (!next(")")) {
                throw new MalformedException("a bracket in the licence expression is not closed");
            }
            return result;
        }
        String id = identifier();
        return allowed.test(next("WITH") ? id + " WITH " + identifier() : id);
    }

    private String identifier() {
        String token = tokens.poll();
        String id = token == null ? null : LicenceId.of(token);
        if (id == null || isOperator(id)) {
            throw new MalformedException("'" + (token == null ? "" : token) + "' is no SPDX licence");
        }
        return id;
    }

    private boolean next(String word) {
        String token = tokens.peek();
        if (token != null && token.toUpperCase(Locale.ROOT).equals(word)) {
            tokens.poll();
            return true;
        }
        return false;
    }

    private static boolean isOperator(String token) {
        return switch (token.toUpperCase(Locale.ROOT)) {
            case "AND", "OR", "WITH" -> true;
            default -> false;
        };
    }
}
