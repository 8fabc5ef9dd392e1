package atelier.datasets.consent;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.datasets.consent.embedded.EmbeddedSignals.Said;
import atelier.datasets.consent.key.Names;
import atelier.datasets.consent.ledger.Rule;
import atelier.datasets.pairs.Pair;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CreatorBlockTest {
    private static final SourceFile LIST = new SourceFile(0, "names.jsonl", "");
    private static final List<String> WORDS = List.of("jane", "doe", "anna", "宮", "崎", "é", "--", "ink");

    private static Subject subject(int index, String caption, String creator) {
        Pair pair = Consents.pair(Path.of(index + ".png"), caption, creator, null, null, Map.of());
        return new Subject(pair, "", List.of(), List.of(new Said("the row", creator)), List.of(), LIST);
    }

    private static String text(Random random, int most) {
        List<String> words = new ArrayList<>();
        for (int i = random.nextInt(most) + 1; i > 0; i--) {
            words.add(WORDS.get(random.nextInt(WORDS.size())));
        }
        return String.join(random.nextBoolean() ? " " : ", ", words);
    }

    @Test
    void findsWhatASearchOfEveryTextForEveryNameFinds() {
        Random random = new Random(3);
        for (int round = 0; round < 200; round++) {
            List<Subject> subjects = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                subjects.add(subject(i, text(random, 6), text(random, 3)));
            }
            String name = Names.key(text(random, 3));
            CreatorBlock block = new CreatorBlock(subjects, true);
            block.add(name, LIST, 1);
            block.compare();
            List<String> phrase = List.of(name.split(" ", -1));
            for (Subject subject : subjects) {
                boolean named = Names.contains(Names.words(subject.pair().caption()), phrase);
                for (String order : Names.orders(String.valueOf(subject.pair().creator()))) {
                    named |= Names.contains(Names.words(order), phrase);
                }
                assertThat(subject.objection() != null)
                        .as("%s in %s", name, subject.pair())
                        .isEqualTo(named);
            }
        }
    }

    @Test
    void namesOfAllBlocksAreFound() {
        Subject early = subject(0, "ink by number 17", "unknown");
        Subject late = subject(1, "ink by number 9999", "unknown");
        CreatorBlock block = new CreatorBlock(List.of(early, late), true);
        for (int i = 0; i < 10_000; i++) {
            block.add("number " + i, LIST, i + 1);
        }
        block.compare();
        assertThat(early.objection())
                .isEqualTo(new Objection(Rule.CREATOR, "'number 17' opted out, and the caption names them", LIST, 18));
        assertThat(late.objection())
                .isEqualTo(new Objection(
                        Rule.CREATOR, "'number 9999' opted out, and the caption names them", LIST, 10_000));
    }

    @Test
    void captionsAreLeftAloneWhereAsked() {
        Subject subject = subject(0, "ink by jane doe", "Doe, Jane");
        CreatorBlock captions = new CreatorBlock(List.of(subject), false);
        captions.add("ink", LIST, 1);
        captions.compare();
        assertThat(subject.objection()).isNull();
        captions.add("jane doe", LIST, 2);
        captions.compare();
        assertThat(subject.objection())
                .isEqualTo(new Objection(Rule.CREATOR, "'jane doe' opted out, and the row names 'Doe, Jane'", LIST, 2));
    }

    @Test
    void namesFromManyThreadsAreAllFound() {
        List<Subject> subjects = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            subjects.add(subject(i, "picture by person " + 11 * i, "unknown"));
        }
        CreatorBlock block = new CreatorBlock(subjects, true);
        IntStream.range(0, 60_000).parallel().forEach(i -> block.add("person " + i, LIST, i + 1));
        block.compare();
        for (int i = 0; i < subjects.size(); i++) {
            assertThat(subjects.get(i).objection())
                    .isEqualTo(new Objection(
                            Rule.CREATOR,
                            "'person " + 11 * i + "' opted out, and the caption names them",
                            LIST,
                            11 * i + 1));
        }
    }
}
