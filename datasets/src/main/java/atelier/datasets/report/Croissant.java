package atelier.datasets.report;

import atelier.datasets.consent.ledger.Ledger;
import atelier.datasets.consent.ledger.Outcome;
import atelier.datasets.consent.ledger.Verdict;
import atelier.datasets.consent.list.ListDigest;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A training set as Croissant metadata: the ledger is its table, and what may be done with the images, and who objected,
 * is its usage information.
 *
 * <p>Source: MLCommons, "Croissant Format Specification", version 1.0; {@code usageInfo} is schema.org's.
 */
public final class Croissant {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final String[] TERMS = {
        "citeAs", "column", "examples", "extract", "field", "fileProperty", "fileObject", "fileSet", "format",
                "includes",
        "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet", "references", "regex",
                "repeated",
        "replace", "samplingRate", "separator", "source", "subField", "transform"
    };
    private static final Map<String, String> COLUMNS = columns();

    private Croissant() {}

    /**
     * The metadata, to be kept beside the ledger's files.
     *
     * @param name what the training set is called
     * @param description one sentence
     * @param day when it was judged
     */
    public static String of(String name, String description, Ledger ledger, LocalDate day) {
        ObjectNode root = JSON.createObjectNode();
        context(root.putObject("@context"));
        root.put("@type", "sc:Dataset");
        root.put("conformsTo", "http://mlcommons.org/croissant/1.0");
        root.put("name", name);
        root.put("description", description);
        root.put("datePublished", day.toString());
        root.put("version", "1.0.0+" + ledger.digest().substring(0, 12));
        root.put("creditText", "credits.md names creator, licence and source of each image");
        ArrayNode licences = root.putArray("license");
        licences(ledger).forEach(licences::add);
        ObjectNode usage = root.putObject("usageInfo");
        usage.put("@type", "sc:CreativeWork");
        usage.put("name", "Consent ledger");
        usage.put("text", usage(ledger));
        usage.put("url", "ledger.json");
        ObjectNode file = root.putArray("distribution").addObject();
        file.put("@type", "cr:FileObject");
        file.put("@id", "ledger.csv");
        file.put("name", "ledger.csv");
        file.put("description", "One verdict for each image that was pointed at.");
        file.put("contentUrl", "ledger.csv");
        file.put("encodingFormat", "text/csv");
        file.put("sha256", ledger.digest());
        records(root.putArray("recordSet").addObject());
        try {
            return JSON.writeValueAsString(root) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree always has a text", e);
        }
    }

    private static void context(ObjectNode context) {
        context.put("@language", "en");
        context.put("@vocab", "https://schema.org/");
        context.put("sc", "https://schema.org/");
        context.put("cr", "http://mlcommons.org/croissant/");
        context.put("dct", "http://purl.org/dc/terms/");
        context.put("rai", "http://mlcommons.org/croissant/RAI/");
        context.put("conformsTo", "dct:conformsTo");
        for (String term : TERMS) {
            context.put(term, "cr:" + term);
        }
        context.putObject("data").put("@id", "cr:data").put("@type", "@json");
        context.putObject("examples").put("@id", "cr:examples").put("@type", "@json");
        context.putObject("dataType").put("@id", "cr:dataType").put("@type", "@vocab");
    }

    private static void records(ObjectNode set) {
        set.put("@type", "cr:RecordSet");
        set.put("@id", "images");
        set.put("name", "images");
        set.put("description", "Every image with its verdict, who made it and under which licence.");
        ArrayNode fields = set.putArray("field");
        COLUMNS.forEach((column, meaning) -> {
            ObjectNode field = fields.addObject();
            field.put("@type", "cr:Field");
            field.put("@id", "images/" + column);
            field.put("name", column);
            field.put("description", meaning);
            field.put("dataType", "sc:Text");
            ObjectNode source = field.putObject("source");
            source.putObject("fileObject").put("@id", "ledger.csv");
            source.putObject("extract").put("column", column);
        });
    }

    /** Licences of the images that are used, as SPDX's pages where they are SPDX's. */
    private static SortedSet<String> licences(Ledger ledger) {
        SortedSet<String> licences = new TreeSet<>();
        for (Verdict verdict : ledger.verdicts()) {
            if (verdict.outcome() == Outcome.INCLUDED && !verdict.licence().isBlank()) {
                boolean custom = verdict.licence().startsWith("LicenseRef-")
                        || verdict.licence().contains(" ");
                licences.add(custom ? verdict.licence() : "https://spdx.org/licenses/" + verdict.licence() + ".html");
            }
        }
        return licences;
    }

    private static String usage(Ledger ledger) {
        StringBuilder text = new StringBuilder();
        text.append(ledger.summary()).append(". Excluded and failed, by rule:");
        Map<String, Integer> rules = new TreeMap<>();
        for (Verdict verdict : ledger.verdicts()) {
            if (verdict.outcome() != Outcome.INCLUDED) {
                rules.merge(verdict.rule().label(), 1, Integer::sum);
            }
        }
        if (rules.isEmpty()) {
            text.append(" none");
        }
        rules.forEach((rule, count) ->
                text.append(' ').append(rule).append(' ').append(count).append(';'));
        text.append(" Opt-out lists that were honoured:");
        if (ledger.lists().isEmpty()) {
            text.append(" none");
        }
        for (ListDigest list : ledger.lists()) {
            text.append(' ')
                    .append(list.name())
                    .append(" (sha256 ")
                    .append(list.sha256())
                    .append(");");
        }
        return text.append(" Only images marked 'included' were used for training.")
                .toString();
    }

    private static Map<String, String> columns() {
        Map<String, String> columns = new LinkedHashMap<>();
        columns.put("image", "The image's path.");
        columns.put("sha256", "The file's digest.");
        columns.put("verdict", "included, excluded or failed.");
        columns.put("rule", "What decided.");
        columns.put("reason", "Why, in words.");
        columns.put("creator", "Who made the image.");
        columns.put("licence", "Its licence as an SPDX identifier.");
        columns.put("source", "The URL that it came from.");
        return columns;
    }
}
