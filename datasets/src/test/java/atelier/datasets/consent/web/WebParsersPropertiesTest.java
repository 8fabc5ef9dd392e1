package atelier.datasets.consent.web;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.datasets.consent.keys.WebAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.StringLength;

/** What holds for any file and any path: readers answer or name the line, and an objection is never lost. */
class WebParsersPropertiesTest {
    private static final WebAddress ADDRESS = WebAddress.parse("https://example.com/works/a.png");

    /** Lines as robots.txt and ai.txt have them, and rubbish. */
    @Provide
    Arbitrary<String> robots() {
        Arbitrary<String> name = Arbitraries.of(
                "User-agent", "Disallow", "allow", "Content-Usage", "Content-Signal", "License", "Sitemap", "x", "");
        Arbitrary<String> value = Arbitraries.oneOf(
                Arbitraries.of("*", "GPTBot/1.1", "/", "*.png", "/works/ train-ai=n", "train-ai=y", "ai-train=no", "#"),
                Arbitraries.strings().ofMaxLength(20));
        Arbitrary<String> line = Combinators.combine(name, Arbitraries.of(":", ": ", "", " :"), value)
                .as((n, colon, v) -> n + colon + v);
        return line.list().ofMaxSize(12).map(lines -> String.join("\n", lines));
    }

    @Property(tries = 1000)
    void anyRobotsFileIsReadOrItsLineNamed(@ForAll("robots") String text) {
        for (boolean strict : new boolean[] {false, true}) {
            try {
                RobotsFile file = RobotsFile.parse(text, strict);
                file.groups()
                        .forEach(group -> assertThat(group.lines())
                                .allSatisfy(line -> assertThat(line.number())
                                        .isBetween(1L, text.lines().count() + 1)));
                UsagePreference.robots(file.lines(agent -> true), "/works/a.png");
                AiTxt.robots(file, "/works/a.png");
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageMatching("(?s)line \\d+ .*");
            }
        }
    }

    @Property(tries = 1000)
    void disallowingAllForAllObjectsWhateverStandsBesides(
            @ForAll("robots") String before, @ForAll("robots") String after) {
        String kept = before.lines()
                        .filter(line ->
                                !line.strip().toLowerCase(java.util.Locale.ROOT).startsWith("allow"))
                        .reduce("", (a, b) -> a + b + "\n")
                + "User-agent: *\nDisallow: /\n"
                + after.lines()
                        .filter(line ->
                                !line.strip().toLowerCase(java.util.Locale.ROOT).startsWith("allow"))
                        .reduce("", (a, b) -> a + b + "\n");
        try {
            assertThat(AiTxt.parse(kept).signal("/works/a.png")).isNotNull();
        } catch (IllegalArgumentException e) {
            assertThat(e).hasMessageContaining("line "); // and a file that cannot be read objects too
        }
    }

    @Property(tries = 2000)
    void aPatternMatchesThePathThatItSpellsAndWhatFollows(
            @ForAll("paths") String path, @ForAll("paths") String rest, @ForAll("paths") String other) {
        assertThat(new PathPattern(path).matches(path + rest)).isTrue();
        assertThat(new PathPattern(path + "$").matches(path)).isTrue();
        assertThat(new PathPattern(path + "$").matches(path + rest)).isFalse();
        assertThat(new PathPattern("/*" + rest).matches(path + rest + other)).isTrue();
        assertThat(new PathPattern("*" + path + "$").matches(other + path)).isTrue();
    }

    @Provide
    Arbitrary<String> paths() {
        return Arbitraries.strings()
                .withChars("ab./?=%-")
                .ofMinLength(1)
                .ofMaxLength(12)
                .map(text -> "/" + text);
    }

    @Property(tries = 2000)
    void aContentUsageThatIsNotUnderstoodObjects(@ForAll @StringLength(max = 30) String text) {
        Signal alone = UsagePreference.contentUsage(text, 3);
        boolean members = text.matches("(?s).*[=a-z].*");
        if (alone == null && members) {
            // Silent: then it is a dictionary in which nothing stands against training.
            assertThat(UsagePreference.contentUsage(text + ", train-genai=n", 3))
                    .isNotNull()
                    .satisfies(signal -> assertThat(signal.line()).isEqualTo(3));
        }
        assertThat(UsagePreference.contentUsage("train-ai=n, " + text.replace("=y", ""), 3))
                .isNotNull();
    }

    @Property(tries = 2000)
    void aContentSignalThatSaysNoOnceObjects(@ForAll("signals") List<String> signals, @ForAll int seed) {
        List<String> all = new java.util.ArrayList<>(signals);
        all.add(Math.floorMod(seed, all.size() + 1), "ai-train=no");
        assertThat(UsagePreference.contentSignal(String.join(", ", all), 1)).isNotNull();
    }

    @Provide
    Arbitrary<List<String>> signals() {
        Arbitrary<String> one = Arbitraries.oneOf(
                Arbitraries.of("search=yes", "ai-input=no", "ai-train=yes", "use=x", " "),
                Arbitraries.strings().ofMaxLength(8));
        return one.list().ofMaxSize(4);
    }

    @Property(tries = 1000)
    void anyBytesAreRslOrAFault(@ForAll byte[] bytes) {
        try {
            Rsl.parse(bytes).signal(ADDRESS);
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    @Property(tries = 1000)
    void aLicenceThatProhibitsTrainingObjectsBesideAnyOther(
            @ForAll("uses") List<String> permitted, @ForAll("uses") List<String> prohibited) {
        String xml = "<rsl xmlns=\"https://rslstandard.org/rsl\"><content url=\"https://example.com/works/\"><license>"
                + "<permits type=\"usage\">" + String.join(" ", permitted) + "</permits></license><license>"
                + "<prohibits type=\"usage\">" + String.join(",", prohibited)
                + "</prohibits></license></content></rsl>";
        Signal signal = Rsl.parse(xml.getBytes(StandardCharsets.UTF_8)).signal(ADDRESS);
        boolean training = prohibited.stream().anyMatch(List.of("all", "ai-all", "ai-train", "train-ai")::contains);
        boolean permits = prohibited.isEmpty()
                || permitted.stream().anyMatch(List.of("all", "ai-all", "ai-train", "train-ai")::contains);
        if (training) {
            assertThat(signal).isNotNull();
        } else if (permits) {
            assertThat(signal).isNull();
        }
    }

    @Provide
    Arbitrary<List<String>> uses() {
        return Arbitraries.of("all", "ai-all", "ai-train", "train-ai", "search", "ai-index", "ai-input")
                .list()
                .ofMaxSize(3);
    }

    @Property(tries = 1000)
    void anyBytesAreTdmRepOrAFault(@ForAll byte[] bytes) {
        try {
            TdmRep.parse(bytes).signal("/works/a.png");
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }
}
