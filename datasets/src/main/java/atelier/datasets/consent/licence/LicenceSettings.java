package atelier.datasets.consent.licence;

import atelier.common.error.WrongCommandException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Which licences pictures may have.
 *
 * @param mode licence.mode: open (no statement is needed) or licensed (one is)
 * @param allow licence.allow: SPDX identifiers, {@code *} for anything within one ({@code LicenseRef-*})
 * @param nonCommercial licence.non_commercial: what becomes of licences that forbid commercial use
 * @param noDerivatives licence.no_derivatives: what becomes of licences that forbid derivatives
 * @param grants licence.grants: files of recorded grants, one JSON object a line; a grant overrides opt-outs
 */
public record LicenceSettings(
        LicenceMode mode, List<String> allow, TermPolicy nonCommercial, TermPolicy noDerivatives, List<Path> grants) {
    public LicenceSettings {
        allow = List.copyOf(allow);
        grants = List.copyOf(grants);
        if (allow.isEmpty() || allow.stream().anyMatch(String::isBlank)) {
            throw new WrongCommandException(
                    "licence.allow must name SPDX identifiers such as CC-BY-4.0, or * for any, got " + allow);
        }
        for (String id : allow) {
            contradiction(id, "NC", nonCommercial, "licence.non_commercial");
            contradiction(id, "ND", noDerivatives, "licence.no_derivatives");
        }
    }

    private static void contradiction(String id, String term, TermPolicy policy, String key) {
        List<String> parts = List.of(id.toUpperCase(Locale.ROOT).split("-", -1));
        if (policy == TermPolicy.EXCLUDE && parts.contains(term)) {
            throw new WrongCommandException("licence.allow names " + id + ", but " + key + " is exclude; set " + key
                    + "=allow to mean it, or take " + id + " out");
        }
    }
}
