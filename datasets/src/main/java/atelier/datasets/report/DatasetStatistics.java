package atelier.datasets.report;

import atelier.datasets.batch.Bucket;
import atelier.datasets.batch.Buckets;
import atelier.datasets.hash.NearDuplicates;
import atelier.datasets.hash.Pdq;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.Pair;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a data set holds.
 *
 * @param images pairs that were looked at
 * @param usable of them, those whose image can be decoded
 * @param bytes of all usable images' files
 * @param widths in pixels
 * @param heights in pixels
 * @param resolutions width x height
 * @param buckets the sizes that the pictures are brought to
 * @param captionWords words a main caption
 * @param captions all captions, alternatives included
 * @param tags parts of main captions between commas, in lower case
 * @param creators who made the images; "not stated" where nobody is named
 * @param licences SPDX identifiers; "not stated" where there is none
 * @param sources hosts that images came from; "not stated" where there is no URL
 * @param people captions that speak of people and places
 * @param equal groups of files with the same bytes, by index
 * @param alike groups of pictures that look alike, by index
 * @param flat pictures too flat to be compared, by index
 */
public record DatasetStatistics(
        int images,
        int usable,
        long bytes,
        Spread widths,
        Spread heights,
        Tally resolutions,
        Tally buckets,
        Spread captionWords,
        int captions,
        Tally tags,
        Tally creators,
        Tally licences,
        Tally sources,
        PeopleAndPlaces people,
        List<List<Integer>> equal,
        List<List<Integer>> alike,
        List<Integer> flat) {

    static final String NOT_STATED = "not stated";
    private static final Pattern BLANKS = Pattern.compile("\\s+");

    public static DatasetStatistics of(Survey survey, Buckets sizes) {
        Tally resolutions = new Tally();
        Tally buckets = new Tally();
        Tally tags = new Tally();
        Tally creators = new Tally();
        Tally licences = new Tally();
        Tally sources = new Tally();
        PeopleAndPlaces people = new PeopleAndPlaces();
        int captions = 0;
        long bytes = 0;
        List<ImageFacts> known = new ArrayList<>();
        for (int i = 0; i < survey.pairs().size(); i++) {
            Pair pair = survey.pairs().get(i);
            creators.add(pair.creator() == null ? NOT_STATED : pair.creator());
            licences.add(pair.licence() == null ? NOT_STATED : pair.licence());
            sources.add(host(pair.source()));
            captions += pair.captions().size();
            people.add(pair.caption());
            for (String tag : pair.caption().split(",")) {
                if (!tag.isBlank()) {
                    tags.add(tag.strip().toLowerCase(Locale.ROOT));
                }
            }
            Optional<ImageFacts> facts = survey.facts().get(i);
            if (facts.isPresent()) {
                ImageFacts f = facts.get();
                known.add(f);
                bytes += f.bytes();
                resolutions.add(f.width() + "x" + f.height());
                Bucket bucket = sizes.of(f.width(), f.height());
                buckets.add(bucket.toString());
            }
        }
        return new DatasetStatistics(
                survey.pairs().size(),
                known.size(),
                bytes,
                Spread.of(known.stream().mapToInt(ImageFacts::width).toArray()),
                Spread.of(known.stream().mapToInt(ImageFacts::height).toArray()),
                resolutions,
                buckets,
                Spread.of(survey.pairs().stream()
                        .mapToInt(p -> words(p.caption()))
                        .toArray()),
                captions,
                tags,
                creators,
                licences,
                sources,
                people,
                equal(survey),
                alike(survey),
                flat(survey));
    }

    /** Groups of images that are the same or look it, as findings, so that they show beside the others. */
    public List<Finding> duplicates(Survey survey) {
        List<Finding> findings = new ArrayList<>();
        for (List<Integer> group : equal) {
            findings.add(duplicate(survey, group, "is the same file as ", "keep one, or give it repeats"));
        }
        for (List<Integer> group : alike) {
            findings.add(duplicate(survey, group, "looks like ", "keep one unless both are meant"));
        }
        return findings;
    }

    private static Finding duplicate(Survey survey, List<Integer> group, String fact, String remedy) {
        Pair first = survey.pairs().get(group.get(0));
        List<String> others = group.stream()
                .skip(1)
                .limit(5)
                .map(i -> "'" + survey.pairs().get(i).image().getFileName() + "'")
                .toList();
        String more = group.size() > 6 ? " and " + (group.size() - 6) + " more" : "";
        return Finding.note(
                first.origin(),
                first.image(),
                "'" + first.image().getFileName() + "' " + fact + String.join(", ", others) + more,
                remedy);
    }

    private static List<List<Integer>> equal(Survey survey) {
        Map<String, List<Integer>> byDigest = new LinkedHashMap<>();
        for (int i = 0; i < survey.facts().size(); i++) {
            int index = i;
            survey.facts()
                    .get(i)
                    .ifPresent(f -> byDigest.computeIfAbsent(f.sha256(), k -> new ArrayList<>(1))
                            .add(index));
        }
        return byDigest.values().stream()
                .filter(g -> g.size() > 1)
                .map(List::copyOf)
                .toList();
    }

    /** Groups that look alike and are not merely the same file. */
    private static List<List<Integer>> alike(Survey survey) {
        Pdq none = new Pdq(0, 0, 0, 0, 0);
        List<Pdq> digests = survey.facts().stream()
                .map(f -> f.map(ImageFacts::pdq).orElse(none))
                .toList();
        return NearDuplicates.groups(digests, Pdq.MATCH).stream()
                .filter(group -> group.stream()
                                .map(i -> survey.facts()
                                        .get(i)
                                        .map(ImageFacts::sha256)
                                        .orElse(""))
                                .distinct()
                                .count()
                        > 1)
                .toList();
    }

    private static List<Integer> flat(Survey survey) {
        List<Integer> flat = new ArrayList<>();
        for (int i = 0; i < survey.facts().size(); i++) {
            if (survey.facts().get(i).map(f -> !f.pdq().comparable()).orElse(false)) {
                flat.add(i);
            }
        }
        return List.copyOf(flat);
    }

    private static int words(String caption) {
        return caption.isBlank() ? 0 : BLANKS.split(caption.strip()).length;
    }

    private static String host(@Nullable String source) {
        if (source == null) {
            return NOT_STATED;
        }
        try {
            String host = URI.create(source).getHost();
            return host == null ? source : host.toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException e) {
            return source;
        }
    }
}
