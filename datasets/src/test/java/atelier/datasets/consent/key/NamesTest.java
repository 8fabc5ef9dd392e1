package atelier.datasets.consent.key;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.datasets.pairs.Cases;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamesTest {
    @ParameterizedTest
    @CsvSource({
        "Jane Doe,JANE   doe",
        "Jane Doe,Ｊａｎｅ Ｄｏｅ",
        "Jane Doe,'jane-doe.'",
        "Straße,STRASSE",
        "ΟΔΥΣΣΕΥΣ,οδυσσευς",
        "Łukasz Ćwik,łukasz ćwik",
        "Zoë,Zoe\u0308",
        "Jane Doe,Ja\u200Bne Doe",
        "ﬁnn,FINN"
    })
    void oneNameWrittenInTwoWaysIsOneName(String one, String other) {
        assertThat(Names.key(one)).isEqualTo(Names.key(other));
    }

    @Test
    void namesAreFoundAsWholeWords() {
        List<String> caption = Names.words("a landscape by Jane Doe, oil on canvas");
        assertThat(Names.contains(caption, Names.words("jane doe"))).isTrue();
        assertThat(Names.contains(caption, Names.words("Ane Doe"))).isFalse();
        assertThat(Names.contains(caption, Names.words("Jane D"))).isFalse();
        assertThat(Names.contains(caption, List.of())).isFalse();
    }

    @Test
    void namesInScriptsWithoutSpacesAreFoundInsideRunningText() {
        assertThat(Names.contains(Names.words("宮崎駿風の風景"), Names.words("宮崎駿"))).isTrue();
        assertThat(Names.contains(Names.words("김철수의 그림"), Names.words("김철수"))).isTrue();
    }

    @Test
    void familyNamesBeforeTheCommaAreReadInBothOrders() {
        assertThat(Names.orders("Doe, Jane")).containsExactly("Doe, Jane", "Jane Doe");
        assertThat(Names.orders("Jane Doe")).containsExactly("Jane Doe");
    }

    @Test
    void normalisingTwiceChangesNothing() {
        Cases.check(
                1,
                2000,
                random -> Cases.text(random, 40),
                text -> assertThat(Names.key(Names.key(text))).isEqualTo(Names.key(text)));
    }

    @Test
    void plainTextsFoldAsAnyOther() {
        Cases.check(
                1,
                2000,
                random -> new String(Cases.bytes(random, 40), StandardCharsets.US_ASCII).replace('\uFFFD', 'A'),
                text -> assertThat(Names.fold(text)).isEqualTo(Names.foldUnicode(text)));
    }
}
