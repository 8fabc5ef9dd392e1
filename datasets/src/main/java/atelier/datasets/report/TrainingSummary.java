package atelier.datasets.report;

import atelier.datasets.consent.ledger.Ledger;
import atelier.datasets.consent.ledger.Outcome;
import atelier.datasets.consent.ledger.Verdict;
import atelier.datasets.consent.list.ListDigest;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The content used for training, summarised in the order of the European Commission's template for Article 53(1)(d) of
 * Regulation (EU) 2024/1689: general information, sources by kind, processing. What only the provider knows is left to
 * fill in, and says so.
 */
public final class TrainingSummary {
    /** What stands where only the provider can say. */
    public static final String FILL_IN = "_to be filled in by the provider_";

    private static final int HOSTS = 1000;

    private TrainingSummary() {}

    /**
     * The summary in Markdown.
     *
     * @param model the model's, or the adapter's, name
     * @param base what it was trained from
     * @param statistics of the images that were used
     * @param processing one sentence for each thing done to the images and captions
     */
    public static String of(
            String model,
            String base,
            Ledger ledger,
            DatasetStatistics statistics,
            List<String> processing,
            LocalDate day) {
        StringBuilder out = new StringBuilder();
        out.append("# Summary of the content used for training ").append(model).append("\n\n");
        general(out, model, base, statistics, day);
        sources(out, ledger, statistics);
        processing(out, ledger, processing);
        return out.toString();
    }

    private static void general(StringBuilder out, String model, String base, DatasetStatistics s, LocalDate day) {
        out.append("## 1. General information\n\n");
        item(out, "Provider", FILL_IN);
        item(out, "Model", model + ", fine-tuned from " + base + "; the summary covers the fine-tuning alone");
        item(out, "Modalities", "images with captions");
        item(
                out,
                "Size",
                s.usable() + " images (" + range(s.usable()) + "), " + s.captions() + " captions, "
                        + String.format(Locale.ROOT, "%.1f MB", s.bytes() / 1e6));
        item(out, "Languages of the captions", FILL_IN);
        item(out, "Latest date of acquisition", "not after " + day);
        item(
                out,
                "Picture sizes",
                "width " + DatasetText.spread(s.widths()) + ", height " + DatasetText.spread(s.heights()) + " pixels");
        out.append('\n');
    }

    private static void sources(StringBuilder out, Ledger ledger, DatasetStatistics s) {
        out.append("## 2. Sources\n\n### 2.1 Publicly available and licensed data sets\n\n");
        out.append("| Licence | Images used |\n|---|---|\n");
        Map<String, Integer> licences = new TreeMap<>();
        for (Verdict verdict : ledger.verdicts()) {
            if (verdict.outcome() == Outcome.INCLUDED) {
                licences.merge(
                        verdict.licence().isBlank() ? DatasetStatistics.NOT_STATED : verdict.licence(),
                        1,
                        Integer::sum);
            }
        }
        licences.forEach((licence, count) -> row(out, licence, count));
        out.append("\n").append(s.creators().distinct()).append(" creators; credits.md names them image by image.\n\n");
        out.append("### 2.2 Data licensed from rightsholders or obtained from third parties\n\n")
                .append(FILL_IN)
                .append("\n\n### 2.3 Data from the web\n\nThe product crawls nothing; these hosts are stated as the "
                        + "images' sources.\n\n| Host | Images |\n|---|---|\n");
        s.sources().top(HOSTS).forEach(c -> row(out, c.name(), c.count()));
        out.append("\n### 2.4 User data\n\nNone collected by the product; ")
                .append(FILL_IN)
                .append(" if images came from users.\n\n### 2.5 Synthetic data\n\n")
                .append(FILL_IN)
                .append("\n\n");
    }

    private static void processing(StringBuilder out, Ledger ledger, List<String> processing) {
        out.append("## 3. Processing\n\n### 3.1 Reservations of rights\n\n");
        out.append(ledger.summary()).append(". The ledger (sha256 ").append(ledger.digest());
        out.append(
                ") holds one verdict for each image, with rule, list and line.\n\n| Rule | Images left out |\n|---|---|\n");
        Map<String, Integer> rules = new TreeMap<>();
        for (Verdict verdict : ledger.verdicts()) {
            if (verdict.outcome() != Outcome.INCLUDED) {
                rules.merge(verdict.rule().label(), 1, Integer::sum);
            }
        }
        rules.forEach((rule, count) -> row(out, rule, count));
        out.append("\nOpt-out lists and captured signals that were read:\n\n");
        for (ListDigest list : ledger.lists()) {
            out.append("- ")
                    .append(list.name())
                    .append(", ")
                    .append(list.entries())
                    .append(" entries, sha256 ");
            out.append(list.sha256()).append('\n');
        }
        if (ledger.lists().isEmpty()) {
            out.append("- none\n");
        }
        out.append("\n### 3.2 Removal of illegal content\n\n").append(FILL_IN);
        out.append("\n\n### 3.3 Other processing\n\n");
        processing.forEach(step -> out.append("- ").append(step).append('\n'));
        if (processing.isEmpty()) {
            out.append("- none\n");
        }
    }

    private static String range(int images) {
        return images < 1_000_000 ? "less than 1 million" : "1 million to 1 billion";
    }

    private static void item(StringBuilder out, String name, String value) {
        out.append("- ").append(name).append(": ").append(value).append('\n');
    }

    private static void row(StringBuilder out, String name, int count) {
        out.append("| ")
                .append(name.replace("|", "\\|"))
                .append(" | ")
                .append(count)
                .append(" |\n");
    }
}
