package atelier.datasets.consent.prompt;

import atelier.common.error.RefusedException;
import atelier.common.file.TableRows;
import atelier.common.file.TextFile;
import atelier.datasets.consent.key.Names;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What may not stand in a prompt: a CSV file with the columns kind (word or creator), value and, if wanted, reason. Words
 * and names are matched whole, after NFKC and case folding; a creator given as "Family, Given" in either order.
 */
final class PromptPolicy {
    private static final List<String> REQUIRED = List.of("kind", "value");

    private final Path file;
    private final List<Rule> rules;

    private PromptPolicy(Path file, List<Rule> rules) {
        this.file = file;
        this.rules = List.copyOf(rules);
    }

    /** One line: the phrases that it means, as words. */
    private record Rule(long line, String kind, String value, String reason, List<List<String>> phrases) {}

    /**
     * Reads a policy.
     *
     * @throws RefusedException when it is missing or a line cannot be read: what it would have said is not known
     */
    static PromptPolicy read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new RefusedException(
                    "prompt_policy " + file + " does not exist; restore it, or set prompt_policy=null");
        }
        try (Reader reader = TextFile.reader(file)) {
            TableRows rows = new TableRows(reader);
            rows.findSeparator(",;\t", header -> names(header).containsAll(REQUIRED));
            TableRows.Row head = rows.next();
            List<String> names = head == null ? List.of() : names(head.values());
            if (!names.containsAll(REQUIRED)) {
                throw new RefusedException(
                        file + " line 1: a prompt policy's columns are kind, value and reason; write them there");
            }
            List<Rule> rules = new ArrayList<>();
            for (TableRows.Row row = rows.next(); row != null; row = rows.next()) {
                rules.add(rule(file, names, row));
            }
            return new PromptPolicy(file, rules);
        } catch (CharacterCodingException e) {
            throw new RefusedException(file + " is not UTF-8; save it as UTF-8", e);
        } catch (IOException e) {
            throw new RefusedException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static List<String> names(List<String> header) {
        return header.stream()
                .map(name -> name.strip().toLowerCase(Locale.ROOT))
                .toList();
    }

    private static String cell(List<String> names, TableRows.Row row, String column) {
        int index = names.indexOf(column);
        return index < 0 || index >= row.values().size()
                ? ""
                : row.values().get(index).strip();
    }

    private static Rule rule(Path file, List<String> names, TableRows.Row row) {
        long line = row.line();
        if (row.misquoted()) {
            throw new RefusedException(
                    file + " line " + line + ": a quote is not closed where its value ends; double quotes in a value");
        }
        String kind = cell(names, row, "kind");
        String value = cell(names, row, "value");
        boolean creator = kind.equals("creator");
        if (!creator && !kind.equals("word")) {
            throw new RefusedException(
                    file + " line " + line + ": the kind '" + kind + "' is neither word nor creator");
        }
        if (Names.words(value).isEmpty()) {
            throw new RefusedException(
                    file + " line " + line + ": value is empty; give the " + kind + " that is meant");
        }
        String reason = cell(names, row, "reason");
        List<String> orders = creator ? Names.orders(value) : List.of(value);
        return new Rule(
                line, kind, value, reason, orders.stream().map(Names::words).toList());
    }

    /** Why a text may not be drawn; empty where it may. */
    Optional<String> objection(String text) {
        List<String> words = Names.words(text);
        for (Rule rule : rules) {
            if (rule.phrases().stream().anyMatch(phrase -> Names.contains(words, phrase))) {
                String reason = rule.reason().isEmpty() ? "" : " (" + rule.reason() + ")";
                return Optional.of("the " + rule.kind() + " '" + rule.value() + "', which " + file + " line "
                        + rule.line() + " forbids" + reason);
            }
        }
        return Optional.empty();
    }
}
