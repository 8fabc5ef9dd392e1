package atelier.diffusion.adapter.file;

import atelier.diffusion.weights.Checkpoint;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Metadata of files that are made from others: adapters that were read, added, resized or extracted, merged models. */
public final class ExportMetadata {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,5})x(\\d{1,5})");

    private static final ObjectWriter SORTED =
            PeftConfig.JSON.writer().with(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    private ExportMetadata() {}

    /**
     * What an adapter's file says: all that the earlier file said, and what it did not say of base and network.
     *
     * @param earlier the metadata of the file that the adapter comes from; empty for an extracted one
     * @param changed whether rank or method are no longer the earlier file's
     * @param title for an adapter without one
     */
    public static Map<String, String> ofAdapter(
            AdapterState adapter, Checkpoint base, Map<String, String> earlier, boolean changed, String title) {
        int[] size = size(earlier, base);
        AdapterMetadata metadata = new AdapterMetadata(base.family(), base.predictsV(), size[0], size[1]);
        if (changed || !earlier.containsKey("ss_network_module")) {
            ModuleState largest = largest(adapter.modules().values());
            metadata.network(algorithm(largest), largest.rank(), largest.alpha());
        }
        if (!earlier.containsKey("modelspec.title")) {
            metadata.text("modelspec.title", title);
        }
        return metadata.keeping(earlier).build();
    }

    /**
     * What a merged model's file says: ModelSpec's entries and where the training pictures are accounted for, but nothing
     * of an adapter's network.
     *
     * @param titles of base and adapters, for modelspec.merged_from
     */
    public static Map<String, String> ofMerged(
            Checkpoint base, Map<String, String> earlier, Collection<String> titles) {
        int[] size = size(earlier, base);
        Map<String, String> metadata = new TreeMap<>();
        AdapterMetadata.withoutPrivate(earlier).forEach((key, value) -> {
            if (key.startsWith("modelspec.") || key.startsWith("atelier.")) {
                metadata.put(key, value);
            }
        });
        new AdapterMetadata(base.family(), base.predictsV(), size[0], size[1])
                .build()
                .forEach((key, value) -> {
                    if (key.startsWith("modelspec.")) {
                        metadata.put(key, value);
                    }
                });
        metadata.put("modelspec.architecture", AdapterMetadata.architecture(base.family(), base.predictsV()));
        metadata.put("modelspec.implementation", AdapterMetadata.ORIGINAL);
        String together = String.join(", ", new LinkedHashSet<>(titles));
        metadata.put("modelspec.merged_from", together);
        metadata.putIfAbsent("modelspec.title", together);
        return new TreeMap<>(AdapterMetadata.withoutPrivate(metadata));
    }

    /** A title for a file that states none: its name without the ending. */
    public static String title(Map<String, String> metadata, String fileName) {
        return metadata.getOrDefault(
                "modelspec.title", metadata.getOrDefault("ss_output_name", fileName.replaceAll("\\.safetensors$", "")));
    }

    /** What is kept of one of several adapters that were added: its title and weight, its licence and its ledger. */
    public static Map<String, String> part(String title, double weight, Map<String, String> metadata) {
        Map<String, String> part = new TreeMap<>();
        part.put("title", title);
        part.put("weight", Double.toString(weight));
        for (String key : List.of("modelspec.license", "modelspec.author", "atelier.ledger_sha256")) {
            if (metadata.containsKey(key)) {
                part.put(key, metadata.get(key));
            }
        }
        return part;
    }

    /** A nested value as metadata holds it; keys in order, so that the same value gives the same bytes in every process. */
    public static String json(Object value) {
        try {
            return SORTED.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("this cannot be written as JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static ModuleState largest(Collection<ModuleState> modules) {
        ModuleState largest = modules.iterator().next();
        for (ModuleState module : modules) {
            if (module.rank() > largest.rank()) {
                largest = module;
            }
        }
        return largest;
    }

    private static String algorithm(ModuleState module) {
        return switch (module.method()) {
            case LORA -> module.decomposed() ? "dora" : "lora";
            case LOHA -> "loha";
            case LOKR -> "lokr";
            case FULL, REPLACEMENT -> "full";
            case GLORA -> "glora";
            case IA3 -> "ia3";
            case OFT -> "diag-oft";
            case BOFT -> "boft";
        };
    }

    /** Width and height that the adapter was trained at, or the family's own. */
    private static int[] size(Map<String, String> earlier, Checkpoint base) {
        Matcher stated = SIZE.matcher(earlier.getOrDefault("modelspec.resolution", ""));
        if (stated.matches()) {
            return new int[] {Integer.parseInt(stated.group(1)), Integer.parseInt(stated.group(2))};
        }
        int side = base.family().isXl() ? 1024 : base.predictsV() ? 768 : 512;
        return new int[] {side, side};
    }
}
