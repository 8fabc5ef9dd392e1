package atelier.trainer.folder;

import atelier.common.file.JsonText;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a run's result depends on, each fact under the key that a user sets it by, or a digest's name. Saved with each
 * state and compared on resume.
 *
 * <p>A saved fingerprint says by which schema it was written. One of an older schema may lack facts that came later; the
 * value that such a fact has by default means what the older code did, so it is not compared.
 */
public final class RunFingerprint {
    /** Goes up by one whenever facts are added, or a fact is called or written otherwise. */
    public static final int SCHEMA = 5;

    private static final ObjectMapper JSON = JsonText.mapper();
    /** Facts that states of older schemas have and that others stand for now: the captions themselves are digested. */
    private static final Set<String> RETIRED = Set.of("data.encoding", "data.caption_lines");

    private static final String SCHEMA_KEY = "facts_schema";
    private static final String FACTS_KEY = "facts";

    private final Map<String, String> facts;
    private final FirstSchema first;

    /**
     * @param facts values by key, as text
     * @param first the same for states of the first schema
     */
    public RunFingerprint(Map<String, String> facts, FirstSchema first) {
        this.facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
        this.first = first;
    }

    /** Reads and makes facts as the first schema had them, for states that were saved by it. */
    public interface FirstSchema {
        /** The facts of this run, by today's keys, with values as they were written then. */
        Map<String, String> now();

        /** The facts of a saved state, by today's keys; those that it lacks are left out. */
        Map<String, String> saved(JsonNode facts);

        /** A value as a user writes it today. */
        String shown(String value);
    }

    /** A fact that a saved state has another value of. */
    public record Difference(String key, String saved, String now) {
        @Override
        public String toString() {
            return key + ": saved " + saved + ", now " + now;
        }
    }

    /** Puts schema and facts into what is saved. */
    public void write(ObjectNode saved) {
        saved.put(SCHEMA_KEY, SCHEMA);
        saved.set(FACTS_KEY, JSON.valueToTree(facts));
    }

    /** What differs from the facts that a state was saved with; empty when nothing does. */
    public List<Difference> differences(JsonNode saved) {
        int schema = saved.path(SCHEMA_KEY).asInt(1);
        JsonNode then = saved.path(FACTS_KEY);
        if (schema == 1) {
            return differences(first.saved(then), first.now(), true).stream()
                    .map(each -> new Difference(each.key(), first.shown(each.saved()), first.shown(each.now())))
                    .toList();
        }
        Map<String, String> values = new LinkedHashMap<>();
        then.fields()
                .forEachRemaining(
                        fact -> values.put(fact.getKey(), fact.getValue().asText()));
        return differences(values, facts, schema < SCHEMA);
    }

    private static List<Difference> differences(Map<String, String> then, Map<String, String> now, boolean older) {
        List<Difference> differences = new ArrayList<>();
        now.forEach((key, value) -> {
            String saved = then.get(key);
            if (saved == null ? !older : !saved.equals(value)) {
                differences.add(new Difference(key, saved == null ? "nothing" : shown(saved), shown(value)));
            }
        });
        then.forEach((key, value) -> {
            if (!now.containsKey(key) && !(older && RETIRED.contains(key))) {
                differences.add(new Difference(key, shown(value), "nothing"));
            }
        });
        return differences;
    }

    private static String shown(String value) {
        return value.isEmpty() ? "nothing" : value;
    }
}
