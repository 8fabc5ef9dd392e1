package atelier.datasets.consent.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class DomainsTest {
    @Test
    void parentsEndBeforeWhatRegistriesOwn() {
        assertThat(Domains.withParents("a.b.example.co.uk"))
                .containsExactly("a.b.example.co.uk", "b.example.co.uk", "example.co.uk");
        assertThat(Domains.withParents("jane.github.io")).containsExactly("jane.github.io", "github.io");
        assertThat(Domains.withParents("192.0.2.7")).containsExactly("192.0.2.7");
        assertThat(Domains.withParents("localhost")).containsExactly("localhost");
    }

    @Test
    void aDomainThatNobodyOwnsCannotBeListed() {
        assertThatThrownBy(() -> Domains.listed("co.uk")).hasMessageContaining("public suffix");
        assertThatThrownBy(() -> Domains.listed("*.com")).hasMessageContaining("public suffix");
        assertThat(Domains.listed("github.io")).isEqualTo("github.io");
        assertThat(Domains.listed("*.WWW.Example.com.")).isEqualTo("example.com");
    }

    @Test
    void theRegisteredDomainIsOneLabelBelowThePublicSuffix() {
        assertThat(Domains.registrable("img.cdn.example.co.uk")).isEqualTo("example.co.uk");
        assertThat(Domains.registrable("pages.jane.github.io")).isEqualTo("jane.github.io");
    }

    @Test
    void onlyWholeLabelsLieUnderADomain() {
        assertThat(Domains.isUnder("img.example.com", "example.com")).isTrue();
        assertThat(Domains.isUnder("badexample.com", "example.com")).isFalse();
    }
}
