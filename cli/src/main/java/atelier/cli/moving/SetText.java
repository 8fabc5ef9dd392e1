package atelier.cli.moving;

import java.util.LinkedHashMap;
import java.util.Map;

/** Writes a table of data sets, as data.pairs=FILE.toml reads it. */
final class SetText {
    private final StringBuilder text =
            new StringBuilder("# Sets of images; docs/training.md has the keys.\n[[datasets]]\n");
    private int sets;

    /** Begins a set. */
    Subset subset(String folder) {
        Subset subset = new Subset();
        subset.put("image_dir", folder);
        sets++;
        return subset;
    }

    boolean isEmpty() {
        return sets == 0;
    }

    @Override
    public String toString() {
        return text.toString();
    }

    /** One set's keys; {@link #end} writes them. */
    final class Subset {
        private final Map<String, String> keys = new LinkedHashMap<>();

        Subset put(String key, String value) {
            keys.put(key, Translation.quoted(value));
            return this;
        }

        Subset put(String key, double value) {
            keys.put(key, Rules.number(value));
            return this;
        }

        Subset put(String key, boolean value) {
            keys.put(key, String.valueOf(value));
            return this;
        }

        void end() {
            text.append("\n  [[datasets.subsets]]\n");
            keys.forEach((key, value) ->
                    text.append("  ").append(key).append(" = ").append(value).append('\n'));
        }
    }
}
