package atelier.datasets.consent.prompt;

import atelier.common.error.RefusedException;
import atelier.datasets.consent.key.Names;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * What may not stand in a prompt: a CSV file with the columns kind (word or creator), value and, if wanted, reason. Words
 * and names are matched whole, after NFKC and case folding; a creator given as "Family, Given" in either order.
 */
final class PromptPolicy {
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
        CSVFormat format = CSVFormat.DEFAULT
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .setTrim(true)
                .setIgnoreEmptyLines(true)
                .get();
        if (!Files.isRegularFile(file)) {
            throw new RefusedException(
                    "prompt_policy " + file + " does not exist; restore it, or set prompt_policy=null");
        }
        try (Reader reader = Files.newBufferedReader(file);
                CSVParser parser = CSVParser.parse(reader, format)) {
            if (!parser.getHeaderNames().containsAll(List.of("kind", "value"))) {
                throw new RefusedException(
                        file + " line 1: a prompt policy's columns are kind, value and reason; write them there");
            }
            List<Rule> rules = new ArrayList<>();
            for (CSVRecord record : parser) {
                rules.add(rule(file, parser.getCurrentLineNumber(), record));
            }
            return new PromptPolicy(file, rules);
        } catch (IOException | java.io.UncheckedIOException e) {
            throw new RefusedException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static Rule rule(Path file, long line, CSVRecord record) {
        String kind = record.get("kind");
        String value = record.isSet("value") ? record.get("value") : "";
        boolean creator = kind.equals("creator");
        if (!creator && !kind.equals("word")) {
            throw new RefusedException(
                    file + " line " + line + ": the kind '" + kind + "' is neither word nor creator");
        }
        if (Names.words(value).isEmpty()) {
            throw new RefusedException(
                    file + " line " + line + ": value is empty; give the " + kind + " that is meant");
        }
        String reason = record.isMapped("reason") && record.isSet("reason") ? record.get("reason") : "";
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
