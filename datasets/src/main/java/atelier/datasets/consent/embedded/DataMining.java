package atelier.datasets.consent.embedded;

import atelier.common.error.MalformedException;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The PLUS property DataMining that IPTC took into its photo metadata standard. Its value is a term's URL
 * ({@code http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-GENAIMLTRAINING}); writers also give the bare key or the
 * term's label, and all three are read, in any letter case.
 *
 * <p>Source: PLUS License Data Format, Data Mining vocabulary; IPTC Photo Metadata Standard 2023.1.
 */
final class DataMining {
    private static final Set<String> SILENT = Set.of("UNSPECIFIED", "UNSPECIFIED-NO-PROHIBITION-DEFINED");

    private DataMining() {}

    /**
     * What a value objects to, or null when it does not.
     *
     * @throws MalformedException when the value is no term of the vocabulary
     */
    static @Nullable String objection(String value) {
        String term = value.strip();
        if (term.contains("://")) {
            term = term.substring(term.lastIndexOf('/') + 1);
        }
        String key = term.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]+", "-").replaceAll("^-|-$", "");
        if (key.startsWith("DMI-")) {
            key = key.substring(4);
        }
        if (SILENT.contains(key) || key.equals("ALLOWED")) {
            return null;
        }
        if (key.startsWith("PROHIBITED")) {
            return "DataMining is '" + value.strip() + "'";
        }
        throw new MalformedException("DataMining is '" + value.strip() + "', which is no term of its vocabulary");
    }
}
