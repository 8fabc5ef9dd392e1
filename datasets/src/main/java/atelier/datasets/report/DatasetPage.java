package atelier.datasets.report;

import atelier.common.file.FileTree;
import atelier.datasets.decode.DecodeSettings;
import atelier.datasets.decode.ImageDecoder;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.Pair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A data set's figures and findings as one page of HTML that needs nothing beside it: no script, no other file. */
public final class DatasetPage {
    private static final int SHOWN = 30;
    private static final int PICTURES = 300;
    private static final String STYLE = """
            body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#222}
            h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2rem;border-bottom:1px solid #ddd}
            table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.15rem .6rem .15rem 0;vertical-align:top}
            td.n{text-align:right;width:5rem;font-variant-numeric:tabular-nums}
            .bar{background:#4a7ebb;height:.8rem;min-width:1px}td.b{width:40%}
            img{max-width:96px;max-height:96px;border:1px solid #ddd;margin:2px}
            .error{color:#a11}.warning{color:#a60}.note{color:#555}
            """;

    private final StringBuilder out = new StringBuilder();
    private final Survey survey;
    private final ImageDecoder decoder;
    private final Map<Path, Pair> byImage = new HashMap<>();
    private final @Nullable Path root;
    private int pictures;

    private DatasetPage(Survey survey, DecodeSettings settings) {
        this.survey = survey;
        this.decoder = new ImageDecoder(settings);
        this.root = common(survey);
        survey.pairs().forEach(p -> byImage.putIfAbsent(p.image(), p));
    }

    /**
     * @param title what the page is about
     * @param findings of reading and looking; groups of duplicates are added
     */
    public static String of(
            String title, Survey survey, DatasetStatistics statistics, List<Finding> findings, DecodeSettings settings)
            throws IOException {
        DatasetPage page = new DatasetPage(survey, settings);
        page.write(title, statistics, findings);
        return page.out.toString();
    }

    private void write(String title, DatasetStatistics s, List<Finding> findings) throws IOException {
        out.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>")
                .append(escape(title))
                .append("</title><style>")
                .append(STYLE)
                .append("</style></head><body>\n<h1>")
                .append(escape(title))
                .append("</h1>\n<p>")
                .append(String.format(
                        Locale.ROOT,
                        "%d images, %d of them usable, %.1f MB; %d captions.",
                        s.images(),
                        s.usable(),
                        s.bytes() / 1e6,
                        s.captions()))
                .append("</p>\n");
        findings(findings);
        groups("Files that are the same", s.equal());
        groups("Pictures that look alike", s.alike());
        out.append("<h2>Sizes</h2><table>");
        row("Width in pixels", DatasetText.spread(s.widths()));
        row("Height in pixels", DatasetText.spread(s.heights()));
        row("Words a caption", DatasetText.spread(s.captionWords()));
        row("Pictures too flat to be compared", Integer.toString(s.flat().size()));
        out.append("</table>\n");
        tally("Resolutions", s.resolutions());
        tally("Buckets", s.buckets());
        tally("Tags", s.tags());
        tally("Creators", s.creators());
        tally("Licences", s.licences());
        tally("Sources", s.sources());
        for (Map.Entry<String, Map<String, Integer>> section :
                s.people().counts().entrySet()) {
            heading(section.getKey() + ": captions that speak of");
            section.getValue().forEach((group, count) -> bar(group, count, s.images()));
            out.append("</table>\n");
        }
        out.append("</body></html>\n");
    }

    private void findings(List<Finding> findings) throws IOException {
        heading("Findings: " + findings.size());
        for (Finding finding : findings) {
            out.append("<tr><td>");
            Path image = finding.image();
            if (image != null) {
                picture(byImage.get(image));
            }
            out.append("</td><td class=\"")
                    .append(finding.severity().name().toLowerCase(Locale.ROOT))
                    .append("\">")
                    .append(escape(finding.message()))
                    .append("</td></tr>\n");
        }
        out.append("</table>\n");
    }

    private void groups(String title, List<List<Integer>> groups) throws IOException {
        heading(title + ": " + groups.size() + " groups");
        for (List<Integer> group : groups.subList(0, Math.min(SHOWN, groups.size()))) {
            out.append("<tr><td>");
            for (int index : group.subList(0, Math.min(12, group.size()))) {
                picture(survey.pairs().get(index));
            }
            out.append("</td><td>");
            for (int index : group.subList(0, Math.min(12, group.size()))) {
                out.append(escape(name(survey.pairs().get(index).image()))).append("<br>");
            }
            out.append("</td></tr>\n");
        }
        out.append("</table>\n");
    }

    /** An image's path below the folder that all images have in common. */
    private String name(Path image) {
        Path whole = image.toAbsolutePath().normalize();
        return root == null ? whole.toString() : FileTree.below(root, whole);
    }

    private static @Nullable Path common(Survey survey) {
        Path root = null;
        for (Pair pair : survey.pairs()) {
            Path folder = pair.image().toAbsolutePath().normalize().getParent();
            root = root == null ? folder : root;
            while (root != null && folder != null && !folder.startsWith(root)) {
                root = root.getParent();
            }
        }
        return root;
    }

    /** A thumbnail, while there are not so many that no browser would open the page. */
    private void picture(@Nullable Pair pair) throws IOException {
        if (pair == null || pictures >= PICTURES) {
            return;
        }
        Optional<String> uri = ThumbnailUri.of(pair, decoder);
        if (uri.isPresent()) {
            pictures++;
            out.append("<img alt=\"")
                    .append(escape(pair.caption()))
                    .append("\" src=\"")
                    .append(uri.get())
                    .append("\">");
        }
    }

    private void tally(String title, Tally tally) {
        heading(title + ": " + tally.distinct() + " different");
        List<Tally.Count> top = tally.top(SHOWN);
        for (Tally.Count count : top) {
            bar(count.name(), count.count(), top.get(0).count());
        }
        out.append("</table>\n");
    }

    private void heading(String title) {
        out.append("<h2>").append(escape(title)).append("</h2><table>\n");
    }

    private void row(String name, String value) {
        out.append("<tr><td>")
                .append(escape(name))
                .append("</td><td>")
                .append(escape(value))
                .append("</td></tr>\n");
    }

    private void bar(String name, int count, int whole) {
        out.append("<tr><td>")
                .append(escape(name))
                .append("</td><td class=\"n\">")
                .append(count)
                .append("</td><td class=\"b\"><div class=\"bar\" style=\"width:")
                .append(whole == 0 ? 0 : 100 * count / whole)
                .append("%\"></div></td></tr>\n");
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
