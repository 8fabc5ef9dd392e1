package atelier.datasets.consent.web;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.common.error.MalformedException;
import atelier.datasets.consent.key.WebAddress;
import atelier.datasets.pairs.Cases;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What holds for any file and any path: each answer is the one that the protocol gives, and an objection is never lost. */
class WebParsersTest {
    private static final WebAddress ADDRESS = WebAddress.parse("https://example.com/works/a.png");
    private static final List<String> TRAINING = List.of("all", "ai-all", "ai-train", "train-ai");

    /** Lines as robots.txt and ai.txt have them, and rubbish; none of them allows. */
    private static String robots(Random random) {
        return String.join("\n", Cases.listOf(random, 12, WebParsersTest::line));
    }

    private static String line(Random random) {
        return Cases.oneOf(random, "User-agent", "Disallow", "Content-Usage", "Content-Signal", "License", "x", "")
                + Cases.oneOf(random, ":", ": ", "", " :")
                + (random.nextBoolean()
                        ? Cases.text(random, 20).replaceAll("(?i)allow", "")
                        : Cases.oneOf(
                                random, "*", "GPTBot/1.1", "/", "*.png", "/works/ train-ai=n", "train-ai=y", "#"));
    }

    private record Around(String before, String after) {}

    @Test
    void disallowingAllForAllObjectsWhateverStandsBesides() {
        Cases.check(1, 2000, random -> new Around(robots(random), robots(random)), around -> {
            String text = around.before() + "\nUser-agent: *\nDisallow: /\n" + around.after();
            Signal signal;
            try {
                signal = AiTxt.parse(text).signal("/works/a.png");
            } catch (MalformedException e) {
                // A file that cannot be read objects too, by the line that is no rule.
                assertThat(e).hasMessageMatching("line \\d+ (is not of the form name: value|begins a page of HTML.*)");
                return;
            }
            assertThat(signal).isNotNull();
            assertThat(signal.protocol()).isEqualTo(Signal.Protocol.AI_TXT);
            String deciding = text.split("\r\n|\r|\n", -1)[(int) signal.line() - 1];
            assertThat(deciding.toLowerCase(Locale.ROOT)).contains("disallow");
        });
    }

    private record Paths(String path, String rest, String other) {}

    private static String path(Random random) {
        String marks = "ab./?=%-";
        StringBuilder path = new StringBuilder("/");
        for (int length = 2 + random.nextInt(12); path.length() < length; ) {
            path.append(marks.charAt(random.nextInt(marks.length())));
        }
        return path.toString();
    }

    @Test
    void aPatternMatchesThePathThatItSpellsAndWhatFollows() {
        Cases.check(1, 2000, random -> new Paths(path(random), path(random), path(random)), paths -> {
            String path = paths.path();
            assertThat(new PathPattern(path).matches(path + paths.rest())).isTrue();
            assertThat(new PathPattern(path + "$").matches(path)).isTrue();
            assertThat(new PathPattern(path + "$").matches(path + paths.rest())).isFalse();
            assertThat(new PathPattern("/*" + paths.rest()).matches(path + paths.rest() + paths.other()))
                    .isTrue();
            assertThat(new PathPattern("*" + path + "$").matches(paths.other() + path))
                    .isTrue();
            assertThat(new PathPattern(path + "x").matches(path + paths.rest())).isFalse();
        });
    }

    private record Member(String key, String value, String parameters) {
        String written() {
            return " " + key + (value.isEmpty() ? "" : "=" + value) + parameters;
        }
    }

    private static Member member(Random random) {
        return new Member(
                Cases.oneOf(random, "train-genai", "genai", "train-ai", "tdm", "bots", "all", "search", "foo"),
                Cases.oneOf(random, "y", "n", "y", "n", "", "?0", "1", "\"y\"", "maybe", "N"),
                Cases.oneOf(random, "", "", ";p", "; q=1"));
    }

    @Test
    void theNarrowestCategoryThatIsStatedDecides() {
        Cases.check(1, 2000, random -> Cases.listOf(random, 5, WebParsersTest::member), members -> {
            String value =
                    String.join(",", members.stream().map(Member::written).toList());
            Map<String, String> stated = new LinkedHashMap<>();
            members.forEach(member -> stated.put(member.key(), member.value()));
            String deciding = List.of("train-genai", "genai", "train-ai", "tdm", "bots", "all").stream()
                    .filter(stated::containsKey)
                    .findFirst()
                    .orElse("none");
            String said = "'Content-Usage: " + value + "'";
            Signal expected = switch (stated.getOrDefault(deciding, "y")) {
                case "y" -> null;
                case "n" -> new Signal(Signal.Protocol.AIPREF, said, 3);
                default -> new Signal(Signal.Protocol.AIPREF, said + ", where " + deciding + " is neither y nor n", 3);
            };
            assertThat(UsagePreference.contentUsage(value, 3)).isEqualTo(expected);
        });
    }

    private record Broken(List<Member> members, int place, String part) {}

    @Test
    void aContentUsageThatIsNotUnderstoodObjects() {
        Cases.check(
                1,
                1000,
                random -> {
                    List<Member> members = Cases.listOf(random, 4, WebParsersTest::member);
                    String part = Cases.oneOf(random, "Train-AI=y", "=y", "train-ai=", "train-ai y", "(a b)", "1", "\"")
                            + Cases.oneOf(random, "", " ");
                    return new Broken(members, random.nextInt(members.size() + 1), part);
                },
                broken -> {
                    List<String> parts = new ArrayList<>(
                            broken.members().stream().map(Member::written).toList());
                    parts.add(broken.place(), broken.part());
                    String value = String.join(",", parts);
                    assertThat(UsagePreference.contentUsage(value, 3))
                            .isEqualTo(new Signal(
                                    Signal.Protocol.AIPREF, "'Content-Usage: " + value + "' cannot be read", 3));
                });
    }

    @Test
    void aContentUsageThatObjectsStillDoesBesideAnyText() {
        Cases.check(1, 2000, random -> Cases.text(random, 30), text -> {
            Signal signal = UsagePreference.contentUsage(text + ", train-genai=n", 3);
            assertThat(signal).isNotNull();
            assertThat(signal.line()).isEqualTo(3);
            assertThat(signal.reason()).startsWith("'Content-Usage: " + text + ", train-genai=n'");
        });
    }

    private static String signal(Random random) {
        return Cases.oneOf(random, "search=yes", "ai-input=no", "ai-train=yes", "AI-Train=YES", "use=x", " a = b ");
    }

    private static List<String> with(Random random, List<String> signals, String more) {
        List<String> all = new ArrayList<>(signals);
        all.add(more);
        Collections.shuffle(all, random);
        return all;
    }

    @Test
    void aContentSignalObjectsExactlyWhereItSaysNoOrIsNotUnderstood() {
        Cases.check(1, 1000, random -> Cases.listOf(random, 4, WebParsersTest::signal), signals -> {
            Random random = new Random(signals.hashCode());
            assertThat(UsagePreference.contentSignal(String.join(",", signals), 1))
                    .isNull();
            Map.of(
                            "ai-train=no",
                            "",
                            "Ai-Train = maybe",
                            ", where ai-train is neither yes nor no",
                            "ai-train",
                            " cannot be read")
                    .forEach((more, reason) -> {
                        String value = String.join(",", with(random, signals, more));
                        assertThat(UsagePreference.contentSignal(value, 1))
                                .isEqualTo(new Signal(
                                        Signal.Protocol.CONTENT_SIGNAL, "'Content-Signal: " + value + "'" + reason, 1));
                    });
        });
    }

    @Test
    void aContentSignalThatSaysNoObjectsBesideAnyText() {
        Cases.check(1, 2000, random -> Cases.text(random, 20), text -> {
            Signal signal = UsagePreference.contentSignal(text + ",ai-train=no," + text, 1);
            assertThat(signal).isNotNull();
            assertThat(signal.protocol()).isEqualTo(Signal.Protocol.CONTENT_SIGNAL);
        });
    }

    private record Uses(List<String> permitted, List<String> prohibited) {}

    private static List<String> uses(Random random) {
        return Cases.listOf(
                random,
                3,
                r -> Cases.oneOf(r, "all", "ai-all", "ai-train", "train-ai", "search", "ai-index", "ai-input"));
    }

    @Test
    void aLicenceThatProhibitsTrainingObjectsBesideAnyOther() {
        Cases.check(1, 1000, random -> new Uses(uses(random), uses(random)), uses -> {
            String xml = "<rsl xmlns=\"https://rslstandard.org/rsl\"><content url=\"https://example.com/works/\">"
                    + "<license><permits type=\"usage\">" + String.join(" ", uses.permitted())
                    + "</permits></license><license><prohibits type=\"usage\">"
                    + String.join(",", uses.prohibited()) + "</prohibits></license></content></rsl>";
            // The second licence permits whatever it does not prohibit.
            Signal expected = uses.prohibited().stream().anyMatch(TRAINING::contains)
                    ? new Signal(
                            Signal.Protocol.RSL,
                            "RSL for 'https://example.com/works/' prohibits the use for AI training",
                            1)
                    : null;
            assertThat(Rsl.parse(xml.getBytes(StandardCharsets.UTF_8)).signal(ADDRESS))
                    .isEqualTo(expected);
        });
    }

    @Test
    void aLicenceWhoseUsesLeaveTrainingOutDoesNotPermitIt() {
        Cases.check(1, 500, WebParsersTest::uses, permitted -> {
            String xml = "<rsl><content url=\"/works/\"><license><permits>" + String.join(" ", permitted)
                    + "</permits></license></content></rsl>";
            Signal expected = permitted.stream().anyMatch(TRAINING::contains)
                    ? null
                    : new Signal(
                            Signal.Protocol.RSL,
                            "RSL for '/works/' has no licence that permits AI training free of charge",
                            1);
            assertThat(Rsl.parse(xml.getBytes(StandardCharsets.UTF_8)).signal(ADDRESS))
                    .isEqualTo(expected);
        });
    }
}
