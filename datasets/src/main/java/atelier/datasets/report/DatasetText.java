package atelier.datasets.report;

import atelier.datasets.pairs.Finding;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A data set's figures as text for a terminal. */
public final class DatasetText {
    private static final int SHOWN = 10;

    private DatasetText() {}

    public static String of(DatasetStatistics s, List<Finding> findings) {
        StringBuilder out = new StringBuilder();
        line(out, "%d images, %d of them usable, %.1f MB", s.images(), s.usable(), s.bytes() / 1e6);
        line(out, "width %s, height %s pixels", spread(s.widths()), spread(s.heights()));
        line(out, "%d captions; words each: %s", s.captions(), spread(s.captionWords()));
        tally(out, "Resolutions", s.resolutions());
        tally(out, "Buckets", s.buckets());
        tally(out, "Tags", s.tags());
        tally(out, "Creators", s.creators());
        tally(out, "Licences", s.licences());
        tally(out, "Sources", s.sources());
        people(out, s);
        line(out, "Duplicates");
        line(
                out,
                "  %d groups of equal files, %d groups that look alike",
                s.equal().size(),
                s.alike().size());
        line(out, "  %d pictures too flat to be compared", s.flat().size());
        line(out, "Findings: %d", findings.size());
        findings.forEach(f -> line(out, "  %s  %s", f.severity().name().toLowerCase(Locale.ROOT), f.message()));
        return out.toString();
    }

    private static void people(StringBuilder out, DatasetStatistics s) {
        line(out, "People and places that captions speak of (of %d)", s.images());
        for (Map.Entry<String, Map<String, Integer>> section :
                s.people().counts().entrySet()) {
            StringBuilder groups = new StringBuilder();
            section.getValue()
                    .forEach((group, count) -> groups.append(groups.isEmpty() ? "" : ", ")
                            .append(group)
                            .append(' ')
                            .append(count));
            line(out, "  %-10s %s", section.getKey(), groups);
        }
    }

    private static void tally(StringBuilder out, String title, Tally tally) {
        line(out, "%s (%d different)", title, tally.distinct());
        for (Tally.Count count : tally.top(SHOWN)) {
            line(out, "  %7d  %s", count.count(), count.name());
        }
        if (tally.distinct() > SHOWN) {
            line(out, "           and %d more", tally.distinct() - SHOWN);
        }
    }

    static String spread(Spread s) {
        return String.format(
                Locale.ROOT, "%.0f to %.0f, median %.0f, mean %.1f", s.least(), s.most(), s.median(), s.mean());
    }

    private static void line(StringBuilder out, String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
