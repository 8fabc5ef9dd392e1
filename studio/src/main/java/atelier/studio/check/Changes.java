package atelier.studio.check;

import atelier.cli.config.ConfigurationException;
import atelier.cli.config.Problem;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What a request changes of a command's settings: {@code {"experiment": "style", "set": {"train.steps": 100}}} is
 * {@code experiment=style train.steps=100}. A key is a key or a group's name; a value is text as one would type it, a
 * number, a truth, null, or a list of these.
 */
public final class Changes {
    private static final Pattern KEY = Pattern.compile("[a-z][a-z0-9_]*(\\.[a-z0-9_]+)*");
    private static final Pattern OPTION = Pattern.compile("[A-Za-z0-9_]+");
    private static final String EXPERIMENT = "experiment";
    /** Keys of train that have an address of their own, or are the studio's to choose: what to do instead. */
    public static final Map<String, String> TRAIN = Map.of(
            "resume", "POST /api/v1/runs/NAME/resume lets a run go on",
            "run.dir", "runs go to the studio's folder; start the studio with another run.dir");

    /** The same of evaluate. */
    public static final Map<String, String> EVALUATE = Map.of(
            "run", "the address names the run",
            "compare", "the page /compare sets two runs side by side",
            "out", "the report goes to the run's folder, where the studio shows it");

    private Changes() {}

    /**
     * The words of a command line.
     *
     * @param groups the groups' names
     * @param elsewhere keys that a request cannot set, with what to do instead
     * @throws ConfigurationException naming everything in the request that is not of this form
     */
    public static List<String> of(JsonNode request, Set<String> groups, Map<String, String> elsewhere) {
        List<Problem> problems = new ArrayList<>();
        List<String> words = new ArrayList<>();
        JsonNode experiment = request.path(EXPERIMENT);
        if (!experiment.isMissingNode() && !experiment.isNull() && !isEmptyText(experiment)) {
            add(EXPERIMENT, experiment, groups, elsewhere, words, problems);
        }
        JsonNode set = request.path("set");
        if (!set.isMissingNode() && !set.isNull() && !set.isObject()) {
            problems.add(new Problem("set", "it is not an object", "write {\"key\": value}"));
        }
        Iterator<Map.Entry<String, JsonNode>> fields = set.properties().iterator();
        while (fields.hasNext()) {
            Map.Entry<String, JsonNode> field = fields.next();
            add(field.getKey(), field.getValue(), groups, elsewhere, words, problems);
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return words;
    }

    private static boolean isEmptyText(JsonNode node) {
        return node.isTextual() && node.asText().isBlank();
    }

    private static void add(
            String key,
            JsonNode value,
            Set<String> groups,
            Map<String, String> elsewhere,
            List<String> words,
            List<Problem> problems) {
        String instead = elsewhere.get(key);
        if (!KEY.matcher(key).matches()) {
            problems.add(new Problem("'" + key + "'", "is no key", "keys are words with dots: adapter.rank"));
        } else if (instead != null) {
            problems.add(new Problem(key, "it cannot be set here", instead));
        } else if (value.isObject()) {
            problems.add(new Problem(key, "its value is an object", "set single keys: " + key + ".NAME"));
        } else if (groups.contains(key)) {
            option(key, value, words, problems);
        } else {
            words.add(key + "=" + typed(value));
        }
    }

    /** Options are names: a file of the user's own would be read before anything is known of its place. */
    private static void option(String group, JsonNode value, List<String> words, List<Problem> problems) {
        List<String> names = new ArrayList<>();
        if (value.isArray()) {
            value.forEach(each -> names.add(each.asText()));
        } else if (!value.isNull()) {
            names.add(value.asText());
        }
        for (String name : names) {
            if (!OPTION.matcher(name).matches()) {
                problems.add(new Problem(group, "'" + name + "' is no option's name", "--help lists the options"));
                return;
            }
        }
        words.add(group + "="
                + (names.isEmpty() ? "null" : names.size() == 1 ? names.get(0) : "[" + String.join(",", names) + "]"));
    }

    private static String typed(JsonNode value) {
        if (value.isArray()) {
            List<String> elements = new ArrayList<>();
            value.forEach(each -> elements.add(each.isTextual() ? quoted(each.asText()) : typed(each)));
            return "[" + String.join(",", elements) + "]";
        }
        return value.isTextual() ? value.asText() : value.toString();
    }

    /** Within a list a comma would part a text. */
    private static String quoted(String text) {
        return text.matches("[\\p{L}\\p{N} _./:-]*") || text.contains("\"") ? text : "\"" + text + "\"";
    }

    /** The other way about: words as a request has them, to ask again with changes. */
    public static Map<String, Object> request(List<String> words) {
        Map<String, String> set = new TreeMap<>();
        Object experiment = null;
        for (String word : words) {
            int equals = word.indexOf('=');
            String key = word.substring(0, Math.max(0, equals)).replaceFirst("^\\+", "");
            if (equals > 0 && key.equals(EXPERIMENT)) {
                experiment = word.substring(equals + 1);
            } else if (equals > 0 && !TRAIN.containsKey(key) && !key.equals("run.name")) {
                set.put(key, word.substring(equals + 1));
            } else if (word.startsWith("~")) {
                set.put(word.substring(1), "null");
            }
        }
        Map<String, Object> request = new LinkedHashMap<>();
        request.put(EXPERIMENT, experiment);
        request.put("set", set);
        return request;
    }
}
