package atelier.studio.page;

import atelier.studio.check.TrainForm;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Plain names for settings, beside which the page shows their keys. */
final class FieldWords {
    /** Shown by the page itself, or of no use on it. */
    private static final Set<String> ELSEWHERE =
            Set.of("resume", "run.dir", "train.resume_anyway", "data.pairs", "licence.mode", "optout.manifests");

    /** Settings that most people look at, with plain names. */
    private static final Map<String, String> BASIC = new LinkedHashMap<>();

    private static final Map<String, String> SECTIONS = new LinkedHashMap<>();
    private static final Map<String, String> FURTHER = Map.ofEntries(
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
            Map.entry("export.licence", "Licence of the adapter"));

    static {
        BASIC.put("run.name", "Name");
        BASIC.put("data.trigger_word", "Trigger word");
        BASIC.put("train.steps", "How long");
        BASIC.put("data.resolution", "Size of the pictures");
        BASIC.put("adapter.rank", "How much the adapter can hold");
        BASIC.put("optimizer.lr", "How fast it learns");
        BASIC.put("validation.fraction", "Pictures held back as a check");
        BASIC.put("sample.prompts", "Sample pictures");
        BASIC.put("train.sample_every", "A sample every");
        SECTIONS.put("", "Machine");
        SECTIONS.put("data", "Pictures and captions");
        SECTIONS.put("optout", "Opt-outs");
        SECTIONS.put("licence", "Licences");
        SECTIONS.put("model", "Model");
        SECTIONS.put("adapter", "Adapter");
        SECTIONS.put("train", "Training");
        SECTIONS.put("validation", "Validation");
        SECTIONS.put("sample", "Samples");
        SECTIONS.put("optimizer", "Optimiser");
        SECTIONS.put("schedule", "Learning rate over time");
        SECTIONS.put("objective", "Objective");
        SECTIONS.put("audit", "Audit: memorised pictures");
        SECTIONS.put("export", "What is written at the end");
        SECTIONS.put("run", "Run");
    }

    private final TrainForm.Description form;
    private final Map<String, String> own = new LinkedHashMap<>();

    /**
     * The words for a form.
     *
     * @param form with the values of the demonstration
     * @param ownForm with the values for pictures of one's own
     */
    FieldWords(TrainForm.Description form, TrainForm.Description ownForm) {
        this.form = form;
        ownForm.keys().forEach(key -> own.put(key.key(), key.value()));
    }

    private Field field(TrainForm.Key key, String label) {
        return Field.of(key, label, own.getOrDefault(key.key(), key.value()));
    }

    /** The basic settings, in their order here. */
    List<Field> basic() {
        List<Field> fields = new ArrayList<>();
        BASIC.forEach((key, label) -> form.keys().stream()
                .filter(each -> each.key().equals(key))
                .forEach(each -> fields.add(field(each, label))));
        return fields;
    }

    /** All others by section: section's title to fields. */
    Map<String, List<Field>> further() {
        Map<String, List<Field>> sections = new LinkedHashMap<>();
        SECTIONS.forEach((section, title) -> form.keys().stream()
                .filter(key -> section.equals(section(key)))
                .forEach(key -> add(sections, title, key)));
        form.keys().stream()
                .filter(key -> !SECTIONS.containsKey(section(key)))
                .forEach(key -> add(sections, section(key), key));
        return sections;
    }

    private void add(Map<String, List<Field>> sections, String title, TrainForm.Key key) {
        if (!BASIC.containsKey(key.key()) && !ELSEWHERE.contains(key.key())) {
            sections.computeIfAbsent(title, each -> new ArrayList<>())
                    .add(field(key, FURTHER.getOrDefault(key.key(), spoken(key.key()))));
        }
    }

    private static String section(TrainForm.Key key) {
        int dot = key.key().indexOf('.');
        return dot < 0 ? "" : key.key().substring(0, dot);
    }

    /** A key's last word or words, spoken: caption_dropout is Caption dropout. */
    private static String spoken(String key) {
        String word = key.substring(key.lastIndexOf('.') + 1).replace('_', ' ');
        return Character.toUpperCase(word.charAt(0)) + word.substring(1);
    }
}
