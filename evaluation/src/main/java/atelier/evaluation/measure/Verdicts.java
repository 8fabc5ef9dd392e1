package atelier.evaluation.measure;

import atelier.evaluation.audit.AuditResult;
import atelier.evaluation.metric.StyleCheck;
import atelier.evaluation.statistics.Interval;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the figures come to, in words: by rules that the report states, never by eye. */
public final class Verdicts {
    /** At most this share of a figure may be lost without a word. */
    private static final double TOLERATED = 0.1;

    private static final String FOLLOWED = "Does it still follow the prompt?";
    /** The least share of real pictures of the style that the measure must know to judge drawn ones. */
    private static final double LEAST_KNOWN = 0.8;

    private static final String DIVERSE = "Is it still diverse?";

    private Verdicts() {}

    /**
     * One question and its answer.
     *
     * @param question for people
     * @param answer in a word or two
     * @param reason figures behind it
     * @param sentence the answer by itself
     * @param state how it is shown
     */
    public record Verdict(String question, String answer, String reason, String sentence, State state) {}

    /** How an answer is shown. */
    public enum State {
        GOOD,
        BAD,
        UNSURE
    }

    /** The answers, the most wanted first. */
    public static List<Verdict> of(EvaluationResult result) {
        List<Verdict> verdicts = new ArrayList<>();
        result.measure("style.share").ifPresent(measure -> verdicts.add(style(result, measure)));
        result.measure("adherence.first")
                .ifPresent(measure -> verdicts.add(
                        result.prompts().size() < 2
                                ? new Verdict(
                                        FOLLOWED,
                                        "not measured",
                                        "a single caption cannot be told from others; evaluation.held_out names pictures"
                                                + " with captions of their own",
                                        "",
                                        State.UNSURE)
                                : kept(
                                        FOLLOWED,
                                        measure,
                                        true,
                                        "Prompts are followed as before.",
                                        "Prompts are followed less than before.",
                                        "Prompts may be followed less than before.")));
        verdicts.add(diverse(result));
        result.measure("drift.prediction").ifPresent(measure -> verdicts.add(drift(measure)));
        verdicts.add(audit(result.audit()));
        return verdicts;
    }

    /** All answers in a paragraph. */
    public static String summary(List<Verdict> verdicts) {
        return verdicts.stream()
                .map(Verdict::sentence)
                .filter(sentence -> !sentence.isEmpty())
                .collect(Collectors.joining(" "));
    }

    private static Verdict audit(@Nullable AuditResult audit) {
        String question = "Does it give pictures back?";
        if (audit == null) {
            return new Verdict(
                    question,
                    "not asked",
                    "the memorisation audit was left out",
                    "Whether it gives pictures back was not asked.",
                    State.UNSURE);
        }
        if (!audit.passed()) {
            int pictures = audit.returned().size();
            if (audit.shortfall().isPresent()) {
                return new Verdict(
                        question,
                        "perhaps",
                        audit.summary() + "; " + audit.shortfall().get(),
                        pictures == 1 ? "It may give a picture back." : "It may give " + pictures + " pictures back.",
                        State.UNSURE);
            }
            String sentence = pictures == 1 ? "It gives a picture back." : "It gives " + pictures + " pictures back.";
            return new Verdict(question, "yes", audit.summary(), sentence, State.BAD);
        }
        return audit.shortfall()
                .map(reason -> new Verdict(
                        question,
                        "cannot be told",
                        reason,
                        "Whether it gives pictures back cannot be told.",
                        State.UNSURE))
                .orElseGet(() -> new Verdict(
                        question, "none found", audit.summary(), "No picture was found to come back.", State.GOOD));
    }

    private static Verdict diverse(EvaluationResult result) {
        return result.measure(KeptDiversity.SPREAD)
                .map(measure -> kept(
                        DIVERSE,
                        measure,
                        false,
                        "Its pictures stay diverse.",
                        "Its pictures are more alike than before.",
                        "Its pictures may be more alike than before."))
                .orElseGet(() -> {
                    String few = result.facts().get(KeptDiversity.FACT);
                    return few == null
                            ? new Verdict(
                                    DIVERSE,
                                    "not measured",
                                    "one picture a prompt tells nothing of their spread; set evaluation.seeds to 2 or more",
                                    "",
                                    State.UNSURE)
                            : new Verdict(
                                    DIVERSE,
                                    "not judged",
                                    few.replace("not judged: ", ""),
                                    "Whether its pictures stay diverse is not judged: too few keep their prompt.",
                                    State.UNSURE);
                });
    }

    private static Verdict style(EvaluationResult result, Measure share) {
        StyleCheck check = result.styleCheck();
        if (check != null && check.known() < LEAST_KNOWN * check.own().size()) {
            return new Verdict(
                    "Did the style arrive?",
                    "cannot be told",
                    String.format(
                            Locale.ROOT,
                            "of real pictures of the style only %d of %d are nearest to it, and %.0f %% are needed; these"
                                    + " other styles are too like it (evaluation.foils), or its pictures are too few",
                            check.known(),
                            check.own().size(),
                            100 * LEAST_KNOWN),
                    "Whether the style arrived cannot be told.",
                    State.UNSURE);
        }
        String nearest = nearest(result);
        Interval change = Objects.requireNonNull(share.change());
        boolean own = nearest.equals(StyleFigures.OWN);
        boolean sure = change.low() > 0;
        return new Verdict(
                "Did the style arrive?",
                own && sure ? "yes" : sure ? "partly" : "not shown",
                percent(share.adapted().interval()) + " of pictures are nearest to the run's own style, "
                        + percent(share.base().interval()) + " without the adapter"
                        + (check == null || check.own().isEmpty()
                                ? ""
                                : String.format(
                                        Locale.ROOT,
                                        " and %.0f %% of its real pictures",
                                        100.0 * check.known() / check.own().size()))
                        + "; on average nearest to " + (own ? "its own" : nearest),
                own && sure
                        ? "The style arrived."
                        : sure ? "The style arrived in part." : "That the style arrived is not shown.",
                own && sure ? State.GOOD : sure ? State.UNSURE : State.BAD);
    }

    /** The style that pictures at full strength are nearest to on average. */
    public static String nearest(EvaluationResult result) {
        String best = "";
        double least = Double.POSITIVE_INFINITY;
        for (EvaluationResult.StyleRow row : result.styles()) {
            double distance = row.arms().get(row.arms().size() - 1).value();
            if (distance < least) {
                least = distance;
                best = row.style();
            }
        }
        return best;
    }

    private static Verdict kept(
            String question, Measure measure, boolean asPercent, String good, String bad, String unsure) {
        double base = measure.base().interval().value();
        double lost = base - measure.adapted().interval().value();
        String figures = (asPercent
                        ? percent(measure.adapted().interval()) + " against the base's "
                                + percent(measure.base().interval())
                        : String.format(
                                Locale.ROOT,
                                "%.3f against the base's %.3f",
                                measure.adapted().interval().value(),
                                base))
                + " (" + measure.title() + ")";
        if (measure.improved() || lost <= TOLERATED * Math.abs(base)) {
            return new Verdict(question, measure.improved() ? "more than the base" : "yes", figures, good, State.GOOD);
        }
        return measure.worsened()
                ? new Verdict(question, "less than the base", figures, bad, State.BAD)
                : new Verdict(question, "not surely", figures, unsure, State.UNSURE);
    }

    /** How far it went where it was not asked. */
    public static Verdict drift(Measure drift) {
        double share = drift.adapted().interval().value();
        String reason = String.format(
                Locale.ROOT,
                "where no style is asked for, %.0f %% of what the network predicts is changed (%.0f to %.0f %%, in squares);"
                        + " up to %.0f %% count as little",
                100 * share,
                100 * drift.adapted().interval().low(),
                100 * drift.adapted().interval().high(),
                100 * TOLERATED);
        boolean little = share <= TOLERATED;
        return new Verdict(
                "Does it leave the rest alone?",
                little ? "mostly" : "no",
                reason,
                little
                        ? "Prompts that ask for no style stay mostly as they were."
                        : "Prompts that ask for no style are drawn differently too.",
                little ? State.GOOD : State.BAD);
    }

    /** Figures at full strength, by key. */
    static Map<String, Double> figures(List<Measure> measures) {
        Map<String, Double> figures = new LinkedHashMap<>();
        for (Measure measure : measures) {
            figures.put(measure.key(), measure.adapted().interval().value());
        }
        return figures;
    }

    /**
     * Limits that do not hold, in sentences.
     *
     * @param figures at full strength, by key
     * @param first those of the run that changes are counted from; null for one run alone
     */
    public static List<String> broken(
            List<String> limits, Map<String, Double> figures, @Nullable Map<String, Double> first) {
        List<String> broken = new ArrayList<>();
        for (String text : limits) {
            String words = Limit.parse(text).broken(figures, first);
            if (words != null) {
                broken.add(words);
            }
        }
        return broken;
    }

    private static String percent(Interval share) {
        return String.format(Locale.ROOT, "%.0f %%", 100 * share.value());
    }
}
