package atelier.studio.page;

import atelier.studio.check.CommandForm;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Plain names for settings, beside which the page shows their keys. */
public final class FieldWords {
    /**
     * The names for a command's settings.
     *
     * @param elsewhere keys that the page itself shows, or that are of no use on it
     * @param basic settings that most people look at
     * @param sections titles by the first words of keys
     * @param further names of other settings, where the key's last word does not do
     */
    private record Table(
            Set<String> elsewhere,
            Map<String, String> basic,
            Map<String, String> sections,
            Map<String, String> further) {}

    /** What is short enough to be a label, and the rest. */
    private static final Pattern SENTENCE =
            Pattern.compile("((?:(?![.;](?:\\s|$)).){6,90})(?:[.;]\\s*|$)(.*)", Pattern.DOTALL);

    /** A part before a colon that names the subject, not the case in which the setting counts. */
    private static final Pattern SUBJECT =
            Pattern.compile("((?![^:]* only\\b)\\p{Lu}(?:(?![.;](?:\\s|$))[^:]){5,60}):\\s(.*)", Pattern.DOTALL);

    private static final Map<String, String> GROUPS = Map.of(
            "adapter", "Form of adapter",
            "audit", "Audit",
            "data", "Data set",
            "model", "Model",
            "objective", "What the training aims at",
            "optimizer", "Optimiser",
            "recipe", "Sizes and steps",
            "schedule", "Course of the learning rate");

    private static final Table TRAIN = new Table(
            Set.of("resume", "run.dir", "train.resume_anyway", "data.pairs", "licence.mode", "optout.manifests"),
            ordered(
                    "run.name", "Name",
                    "data.trigger_word", "Trigger word",
                    "train.steps", "How long",
                    "data.resolution", "Size of the pictures",
                    "adapter.rank", "How much the adapter can hold",
                    "optimizer.lr", "How fast it learns",
                    "validation.fraction", "Pictures held back as a check",
                    "sample.prompts", "Sample pictures",
                    "train.sample_every", "A sample every"),
            ordered(
                    "", "Machine",
                    "data", "Pictures and captions",
                    "optout", "Opt-outs",
                    "licence", "Licences",
                    "model", "Model",
                    "adapter", "Adapter",
                    "train", "Training",
                    "validation", "Validation",
                    "sample", "Samples",
                    "optimizer", "Optimiser",
                    "schedule", "Learning rate over time",
                    "objective", "Objective",
                    "audit", "Audit: memorised pictures",
                    "export", "What is written at the end",
                    "run", "Run"),
            Map.ofEntries(
                    Map.entry("device", "Compute on"),
                    Map.entry("model.path", "Model"),
                    Map.entry("model.dtype", "Precision"),
                    Map.entry("data.images", "Folder of the pictures"),
                    Map.entry("data.buckets", "Keep the pictures' proportions"),
                    Map.entry("data.flip", "Mirror pictures at random"),
                    Map.entry("data.repeats", "Repeats"),
                    Map.entry("data.caption_prefix", "Text before every caption"),
                    Map.entry("data.caption_suffix", "Text after every caption"),
                    Map.entry("train.batch_size", "Pictures at once"),
                    Map.entry("train.gradient_accumulation", "Passes for each step"),
                    Map.entry("train.save_every", "Save every"),
                    Map.entry("train.keep_states", "Saved states to keep"),
                    Map.entry("train.seed", "Seed"),
                    Map.entry("train.gradient_checkpointing", "Save memory"),
                    Map.entry("sample.steps", "Steps of a sample"),
                    Map.entry("sample.seed", "Seed of the samples"),
                    Map.entry("sample.guidance_scale", "How closely samples follow the prompt"),
                    Map.entry("sample.negative_prompt", "What samples should not show"),
                    Map.entry("sample.strength", "Strength of the adapter in samples"),
                    Map.entry("adapter.alpha", "Scale of the adapter"),
                    Map.entry("adapter.method", "Form of adapter"),
                    Map.entry("adapter.targets", "Layers that are adapted"),
                    Map.entry("optimizer.name", "Optimiser"),
                    Map.entry("schedule.name", "Course of the learning rate"),
                    Map.entry("audit.enabled", "Look for memorised pictures"),
                    Map.entry("export.author", "Author"),
                    Map.entry("export.description", "Description"),
                    Map.entry("export.licence", "Licence of the adapter")));

    private static final Table EVALUATE = new Table(
            Set.of("run", "compare", "out"),
            ordered(
                    "evaluation.prompts", "Captions that are drawn",
                    "evaluation.seeds", "Most pictures of a caption",
                    "evaluation.strengths", "Strengths of the adapter",
                    "evaluation.audit", "Look for memorised pictures"),
            ordered("", "Machine", "evaluation", "What is drawn and measured", "audit", "Audit: memorised pictures"),
            Map.ofEntries(
                    Map.entry("device", "Compute on"),
                    Map.entry("evaluation.half_width", "How exact the shares must be"),
                    Map.entry("evaluation.seed", "First seed"),
                    Map.entry("evaluation.neutral_seeds", "Pictures of a neutral prompt"),
                    Map.entry("evaluation.steps", "Steps of a picture"),
                    Map.entry("evaluation.guidance_scale", "How closely pictures follow the prompt"),
                    Map.entry("evaluation.batch_size", "Pictures at once"),
                    Map.entry("evaluation.held_out", "Pictures of the style that were not trained on"),
                    Map.entry("evaluation.foils", "Pictures in other styles"),
                    Map.entry("evaluation.clip", "CLIP network"),
                    Map.entry("evaluation.sscd", "SSCD network"),
                    Map.entry("evaluation.csd", "CSD network"),
                    Map.entry("evaluation.inception", "Inception network"),
                    Map.entry("evaluation.references", "Training pictures to compare with"),
                    Map.entry("evaluation.draws", "Bootstrap samples"),
                    Map.entry("evaluation.attributes", "Words that are counted"),
                    Map.entry("evaluation.limits", "What must hold")));

    private final Table table;
    private final CommandForm.Description form;
    private final Map<String, String> own = new LinkedHashMap<>();

    private FieldWords(Table table, CommandForm.Description form, CommandForm.Description ownForm) {
        this.table = table;
        this.form = form;
        ownForm.keys().forEach(key -> own.put(key.key(), key.value()));
    }

    /**
     * The words for train's form.
     *
     * @param form with the values of the demonstration
     * @param ownForm with the values for pictures of one's own
     */
    static FieldWords train(CommandForm.Description form, CommandForm.Description ownForm) {
        return new FieldWords(TRAIN, form, ownForm);
    }

    /** The words for evaluate's form. */
    static FieldWords evaluate(CommandForm.Description form) {
        return new FieldWords(EVALUATE, form, form);
    }

    /** A group of presets in plain words. */
    public static String group(String name) {
        return GROUPS.getOrDefault(name, name);
    }

    /** Pairs of key and name, in their order here. */
    private static Map<String, String> ordered(String... pairs) {
        Map<String, String> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(pairs[i], pairs[i + 1]);
        }
        return map;
    }

    /** A setting that has no name of its own here is called by the first sentence of what it does. */
    private Field field(CommandForm.Key key, @Nullable String label) {
        String value = own.getOrDefault(key.key(), key.value());
        if (label != null) {
            return Field.of(key, label, key.meaning(), value);
        }
        Matcher subject = SUBJECT.matcher(key.meaning());
        Matcher sentence = subject.matches() ? subject : SENTENCE.matcher(key.meaning());
        return sentence.matches()
                ? Field.of(key, sentence.group(1), sentence.group(2), value)
                : Field.of(key, spoken(key.key()), key.meaning(), value);
    }

    /** The basic settings, in their order here. */
    List<Field> basic() {
        List<Field> fields = new ArrayList<>();
        table.basic()
                .forEach((key, label) -> form.keys().stream()
                        .filter(each -> each.key().equals(key))
                        .forEach(each -> fields.add(field(each, label))));
        return fields;
    }

    /** All others by section: section's title to fields. */
    Map<String, List<Field>> further() {
        Map<String, List<Field>> sections = new LinkedHashMap<>();
        table.sections()
                .forEach((section, title) -> form.keys().stream()
                        .filter(key -> section.equals(section(key)))
                        .forEach(key -> add(sections, title, key)));
        form.keys().stream()
                .filter(key -> !table.sections().containsKey(section(key)))
                .forEach(key -> add(sections, section(key), key));
        return sections;
    }

    private void add(Map<String, List<Field>> sections, String title, CommandForm.Key key) {
        if (!table.basic().containsKey(key.key()) && !table.elsewhere().contains(key.key())) {
            sections.computeIfAbsent(title, each -> new ArrayList<>())
                    .add(field(key, table.further().get(key.key())));
        }
    }

    private static String section(CommandForm.Key key) {
        int dot = key.key().indexOf('.');
        return dot < 0 ? "" : key.key().substring(0, dot);
    }

    /** A key's last word or words, spoken: caption_dropout is Caption dropout. */
    private static String spoken(String key) {
        String word = key.substring(key.lastIndexOf('.') + 1).replace('_', ' ');
        return Character.toUpperCase(word.charAt(0)) + word.substring(1);
    }
}
