package atelier.datasets.consent.licence;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LicencePolicyTest {
    private final LicencePolicy policy =
            new LicencePolicy(List.of("CC0-1.0", "CC-BY-*", "LicenseRef-*", "MIT"), false, false);

    @ParameterizedTest
    @CsvSource({
        "CC0-1.0,true",
        "cc-by-4.0,true",
        "CC BY 4.0,true",
        "CC0,true",
        "https://creativecommons.org/licenses/by/3.0/de/,true",
        "https://creativecommons.org/publicdomain/zero/1.0/,true",
        "CC-BY-SA-4.0,true",
        "CC-BY-NC-4.0,false",
        "CC BY-NC-SA 4.0,false",
        "https://creativecommons.org/licenses/by-nd/4.0/,false",
        "LicenseRef-studio-7,true",
        "GPL-3.0-only,false",
        "GPL-3.0-only OR CC0-1.0,true",
        "GPL-3.0-only AND CC0-1.0,false",
        "(MIT OR GPL-3.0-only) AND CC0-1.0,true",
        "GPL-2.0-only WITH Classpath-exception-2.0,false",
        "NONE,false",
        "All rights reserved,false",
        "MIT AND,false",
        "((MIT),false",
        "unknown,false",
    })
    void licencesAreJudgedByTheirMeaning(String text, boolean allowed) {
        LicencePolicy.Judgement judgement = policy.judge(text, true);
        assertThat(judgement).isNotNull();
        assertThat(judgement.objection() == null).as(text).isEqualTo(allowed);
    }

    @Test
    void noAssertionIsNoStatement() {
        assertThat(policy.judge("NOASSERTION", true)).isNull();
        assertThat(policy.judge("  ", true)).isNull();
        assertThat(policy.judge("(c) 2020 Jane Doe", false)).isNull();
    }

    @Test
    void aCopyrightNoticeCountsWhereItNamesALicence() {
        assertThat(policy.judge("by Jane, https://creativecommons.org/licenses/by-nc/4.0/, 2020", false))
                .satisfies(j -> assertThat(j.objection()).contains("licence.non_commercial"));
        assertThat(policy.judge("SPDX-License-Identifier: CC0-1.0", false))
                .isEqualTo(new LicencePolicy.Judgement("CC0-1.0", null));
    }

    @Test
    void restrictingTermsAreAllowedOnlyByTheirOwnPolicy() {
        LicencePolicy lenient = new LicencePolicy(List.of("*"), true, false);
        assertThat(lenient.judge("CC-BY-NC-4.0", true).objection()).isNull();
        assertThat(lenient.judge("CC-BY-ND-4.0", true).objection()).contains("licence.no_derivatives");
    }
}
