package atelier.cli.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keys by the names that they once had, and words that are spelled in two ways. A key that was renamed is an error that
 * says the new name; in the settings of an earlier run it is read under the new one. {@code license} and {@code center}
 * are read wherever {@code licence} and {@code centre} are, and {@code adapters.dir} is {@code adapters_dir}: adapters is a
 * list, below which no key can stand.
 */
final class RenamedKeys {
    private static final Map<String, String> NOW = Map.of(
            "train.full_unet", "train.full_finetune",
            "adapter.start", "adapter.init_from",
            "objective.prediction", "objective.prediction_type",
            "noise", "rng",
            "sigmas", "sigma_schedule",
            "from", "from_image",
            "image", "init_image");

    /**
     * A key that earlier settings did not have.
     *
     * @param value that means what these did; null for a key that was not there to be said
     * @param beside a key that they had: of the same group, or for a group that came later of another
     */
    private record Later(String key, @Nullable Object value, String beside) {}

    private static final List<Later> ADDED = List.of(
            new Later("train.exact", false, "train.gradient_checkpointing"),
            new Later("export.saved_steps", false, "export.merged_dtype"),
            new Later("train.stop_at", null, "train.gradient_checkpointing"),
            new Later("data.encoding", "utf-8", "data.max_pixels"),
            new Later("data.caption_lines", "alternatives", "data.max_pixels"),
            new Later("data.caption", null, "data.max_pixels"),
            new Later("model.vae", null, "model.prepack"),
            new Later("model.text_encoder", null, "model.prepack"),
            new Later("model.prediction_type", null, "model.prepack"),
            new Later("adapter.constraint", 0, "adapter.factor"),
            new Later("adapter.rescaled", false, "adapter.factor"),
            new Later("adapter.on_input", List.of(), "adapter.factor"),
            new Later("objective.inpainting_masks", "random", "objective.masked_loss"),
            new Later("embedding.tokens", List.of(), "optimizer.lr"),
            new Later("embedding.vectors", 1, "optimizer.lr"),
            new Later("embedding.init", List.of(), "optimizer.lr"),
            new Later("embedding.vectors_lr", null, "optimizer.lr"),
            new Later("embedding.keep_norm", false, "optimizer.lr"),
            new Later("embedding.alone", false, "optimizer.lr"));

    private static final Map<List<String>, List<String>> WHOLE_SPELLINGS =
            Map.of(List.of("adapters", "dir"), List.of("adapters_dir"));

    private static final Map<String, String> SPELLINGS = Map.of("license", "licence", "center", "centre");

    private RenamedKeys() {}

    /** The name of a key that is called {@code name} no more; null where none was. */
    static @Nullable String now(String name) {
        return NOW.get(name);
    }

    /** A key or a value's name, word by word, as it is spelled here. */
    static String spelled(String name) {
        String[] words = name.split("_", -1);
        for (int i = 0; i < words.length; i++) {
            words[i] = SPELLINGS.getOrDefault(words[i], words[i]);
        }
        return String.join("_", words);
    }

    /** The parts of a key as they are spelled here. */
    static List<String> spelled(List<String> key) {
        return WHOLE_SPELLINGS.getOrDefault(
                key, key.stream().map(RenamedKeys::spelled).toList());
    }

    /** A file's keys as they are spelled here; values keep their places for messages. */
    static Config spelled(Config file) {
        Map<String, ConfigValue> leaves;
        try {
            leaves = new KeyTree(file.root()).leaves();
        } catch (ConfigException.NotResolved e) {
            return file; // a section that is built of another cannot be looked into yet
        }
        Config spelled = file;
        for (Map.Entry<String, ConfigValue> entry : leaves.entrySet()) {
            List<String> old = ConfigUtil.splitPath(entry.getKey());
            List<String> now = spelled(old);
            if (!now.equals(old)) {
                spelled = moved(spelled, entry.getKey(), ConfigUtil.joinPath(now), entry.getValue());
            }
        }
        return spelled;
    }

    /** What an earlier run saved, under the names that its keys have now, and with those that came later. */
    static Config brought(Config saved) {
        Map<String, ConfigValue> leaves = new KeyTree(saved.root()).leaves();
        Config brought = saved;
        for (Map.Entry<String, String> key : NOW.entrySet()) {
            ConfigValue value = leaves.get(key.getKey());
            if (value != null) {
                brought = moved(brought, key.getKey(), key.getValue(), value);
            }
        }
        for (Later later : ADDED) {
            if (leaves.containsKey(later.beside()) && !leaves.containsKey(later.key())) {
                brought = brought.withValue(later.key(), ConfigValueFactory.fromAnyRef(later.value()));
            }
        }
        return brought;
    }

    private static Config moved(Config config, String from, String to, ConfigValue value) {
        List<String> path = ConfigUtil.splitPath(from);
        Config without = config.withoutPath(from);
        String section = ConfigUtil.joinPath(path.subList(0, Math.max(1, path.size() - 1)));
        // A section that is empty now would stand in the way of a value of its name.
        boolean empty = path.size() > 1 && without.getObject(section).isEmpty();
        return (empty ? without.withoutPath(section) : without).withValue(to, value);
    }
}
