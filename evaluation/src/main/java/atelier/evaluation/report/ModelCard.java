package atelier.evaluation.report;

import atelier.evaluation.measure.EvaluationResult;
import atelier.evaluation.measure.Measure;
import atelier.evaluation.measure.Verdicts;
import atelier.evaluation.statistics.Interval;
import java.util.Locale;
import java.util.Map;

/**
 * The run's model card: Markdown with the YAML header that hubs read (license, base_model, tags), written from the same
 * figures and ledger as the report.
 */
public final class ModelCard {
    private ModelCard() {}

    /**
     * The card.
     *
     * @param summary of the data
     * @param credits the run's credits.md; empty for none
     */
    public static String markdown(EvaluationResult result, DataSummary summary, String credits) {
        StringBuilder out = new StringBuilder();
        out.append("---\nlicense: ")
                .append(summary.cardLicence())
                .append("\nbase_model: ")
                .append(yaml(result.run().modelName()))
                .append("\nlibrary_name: diffusers\npipeline_tag: text-to-image\ntags:\n- stable-diffusion\n- lora\n"
                        + "- text-to-image\n");
        if (!result.examples().isEmpty()) {
            out.append("widget:\n- text: ")
                    .append(yaml(result.examples().get(0).prompt()))
                    .append('\n');
        }
        out.append("---\n# ").append(result.run().name()).append("\n\n");
        out.append("An adapter for `")
                .append(result.run().modelName())
                .append("`, in kohya's format: `")
                .append(result.run().adapter().getFileName())
                .append("`.");
        String trigger = result.run().data().triggerWord();
        if (!trigger.isEmpty()) {
            out.append(" Its trigger word is `").append(trigger).append("`.");
        }
        out.append("\n\n## What was found\n");
        for (Verdicts.Verdict verdict : Verdicts.of(result)) {
            out.append("- ")
                    .append(verdict.question())
                    .append(" **")
                    .append(verdict.answer())
                    .append("**: ")
                    .append(verdict.reason())
                    .append(".\n");
        }
        out.append("- At strength 0 the pictures ")
                .append(result.zeroEqualsBase() ? "equal the base's bit for bit.\n" : "differ from the base's.\n");
        out.append("\n| figure | base | adapter | change |\n|---|---|---|---|\n");
        for (Measure measure : result.measures()) {
            out.append("| ")
                    .append(measure.title())
                    .append(" | ")
                    .append(text(measure.base().interval()))
                    .append(" | ")
                    .append(text(measure.adapted().interval()))
                    .append(" | ")
                    .append(measure.change() == null ? "" : text(measure.change()))
                    .append(" |\n");
        }
        out.append("\nIntervals: ")
                .append(result.facts().getOrDefault("intervals", ""))
                .append(". Generations: ")
                .append(result.facts().getOrDefault("generations", ""))
                .append(". Features: ")
                .append(result.facts().getOrDefault("features", ""))
                .append(".\n");
        out.append("\n## Training\n| setting | value |\n|---|---|\n");
        for (Map.Entry<String, String> fact : result.run().facts().entrySet()) {
            out.append("| ")
                    .append(fact.getKey())
                    .append(" | ")
                    .append(fact.getValue())
                    .append(" |\n");
        }
        out.append("\n## Data\n").append(summary.markdown());
        out.append("\n## Limits\n"
                + "The figures hold for the prompts, seeds and settings named; a memorisation audit that finds nothing is"
                + " no proof that nothing can be found. Words over neutral prompts are reported, not judged: see"
                + " evaluation/report.html.\n");
        if (!credits.isBlank()) {
            out.append("\n## Credits\n")
                    .append(credits.strip().replaceAll("(?m)^#", "###"))
                    .append('\n');
        }
        return out.toString();
    }

    private static String text(Interval interval) {
        return interval.low() == interval.high()
                ? String.format(Locale.ROOT, "%.3g", interval.value())
                : String.format(Locale.ROOT, "%.3g (%.3g to %.3g)", interval.value(), interval.low(), interval.high());
    }

    private static String yaml(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
