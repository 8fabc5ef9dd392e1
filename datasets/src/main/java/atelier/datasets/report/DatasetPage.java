package atelier.datasets.report;

import atelier.common.file.FileTree;
import atelier.common.page.Page;
import atelier.datasets.decode.DecodeSettings;
import atelier.datasets.decode.ImageDecoder;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.Pair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A data set's figures and findings as one page of HTML that needs nothing beside it: no script, no other file. */
public final class DatasetPage {
    private static final int SHOWN = 30;
    private static final int IN_GROUP = 12;
    private static final int PICTURES = 300;

    private final Survey survey;
    private final ImageDecoder decoder;
    private final Map<Path, Pair> byImage = new HashMap<>();
    private final @Nullable Path root;
    private int pictures;

    /** A thumbnail within the page. */
    public record Picture(String caption, String uri) {}

    /** A finding, with its picture where it has one. */
    public record Remark(
            String severity, String message, @Nullable Picture picture) {}

    /** Pictures that are the same or alike, and all of their names. */
    public record Group(List<Picture> pictures, List<String> names) {}

    /** Groups of one kind: the first of them, and how many there are. */
    public record Likes(String title, int count, List<Group> groups) {}

    /** A figure in words. */
    public record Fact(String name, String value) {}

    /** How often something occurs. */
    public record Bar(String name, int count) {}

    /**
     * A tally.
     *
     * @param most the count that a whole bar stands for
     */
    public record Bars(String title, int most, List<Bar> bars) {}

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
        return new DatasetPage(survey, settings).page(title, statistics, findings);
    }

    private String page(String title, DatasetStatistics s, List<Finding> findings) throws IOException {
        String summary = String.format(
                Locale.ROOT,
                "%d images, %d of them usable, %.1f MB; %d captions.",
                s.images(),
                s.usable(),
                s.bytes() / 1e6,
                s.captions());
        List<Remark> remarks = new ArrayList<>();
        for (Finding finding : findings) {
            Path image = finding.image();
            remarks.add(new Remark(
                    finding.severity().name().toLowerCase(Locale.ROOT),
                    finding.message(),
                    image == null ? null : picture(byImage.get(image)).orElse(null)));
        }
        return Page.render(
                "dataset.jte",
                Map.of(
                        "title",
                        title,
                        "summary",
                        summary,
                        "findings",
                        remarks,
                        "likes",
                        List.of(
                                likes("Files that are the same", s.equal()),
                                likes("Pictures that look alike", s.alike())),
                        "sizes",
                        List.of(
                                new Fact("Width in pixels", DatasetText.spread(s.widths())),
                                new Fact("Height in pixels", DatasetText.spread(s.heights())),
                                new Fact("Words per caption", DatasetText.spread(s.captionWords())),
                                new Fact(
                                        "Pictures too flat to be compared",
                                        Integer.toString(s.flat().size()))),
                        "bars",
                        bars(s)));
    }

    private Likes likes(String title, List<List<Integer>> all) throws IOException {
        List<Group> groups = new ArrayList<>();
        for (List<Integer> group : all.subList(0, Math.min(SHOWN, all.size()))) {
            List<Picture> shown = new ArrayList<>();
            List<String> names = new ArrayList<>();
            for (int index : group.subList(0, Math.min(IN_GROUP, group.size()))) {
                Pair pair = survey.pairs().get(index);
                picture(pair).ifPresent(shown::add);
                names.add(name(pair.image()));
            }
            groups.add(new Group(shown, names));
        }
        return new Likes(title, all.size(), groups);
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
    private Optional<Picture> picture(@Nullable Pair pair) throws IOException {
        if (pair == null || pictures >= PICTURES) {
            return Optional.empty();
        }
        Optional<String> uri = ThumbnailUri.of(pair, decoder);
        if (uri.isPresent()) {
            pictures++;
        }
        return uri.map(each -> new Picture(pair.caption(), each));
    }

    private static List<Bars> bars(DatasetStatistics s) {
        List<Bars> bars = new ArrayList<>();
        tally(bars, "Resolutions", s.resolutions());
        tally(bars, "Buckets", s.buckets());
        tally(bars, "Tags", s.tags());
        tally(bars, "Creators", s.creators());
        tally(bars, "Licences", s.licences());
        tally(bars, "Sources", s.sources());
        s.people().counts().forEach((section, counts) -> {
            List<Bar> groups = new ArrayList<>();
            counts.forEach((group, count) -> groups.add(new Bar(group, count)));
            bars.add(new Bars(section + ": captions that speak of", s.images(), groups));
        });
        return bars;
    }

    private static void tally(List<Bars> bars, String title, Tally tally) {
        List<Bar> top = tally.top(SHOWN).stream()
                .map(count -> new Bar(count.name(), count.count()))
                .toList();
        bars.add(new Bars(
                title + ": " + tally.distinct() + " different",
                top.isEmpty() ? 1 : top.get(0).count(),
                top));
    }
}
