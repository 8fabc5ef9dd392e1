package atelier.studio.check;

import atelier.datasets.consent.ledger.Rule;
import atelier.datasets.consent.ledger.Verdict;

/** What could let a picture in that is left out. */
final class Remedies {
    private static final String GRANT =
            "leave it out, or ask its maker and record the permission in a file of licence.grants";

    private Remedies() {}

    static String of(Verdict verdict) {
        return of(verdict.rule());
    }

    static String of(Rule rule) {
        return switch (rule) {
            case SHA256, URL, PDQ, CREATOR, DOMAIN -> "a list names it: " + GRANT;
            case DATA_MINING, C2PA, NOAI -> "the picture's own file says so: " + GRANT;
            case TDMREP, AIPREF, CONTENT_SIGNAL, AI_TXT, RSL, ROBOTS -> "the site that it comes from says so: " + GRANT;
            case LICENCE ->
                "state its licence in the column licence, add that to licence.allow if it permits training,"
                        + " or set licence.mode=open for pictures of your own";
            case METADATA -> "save it anew with a program that writes its metadata whole";
            case UNUSABLE -> "mend the file or its caption, or take it out of the list";
            case GRANT, OPEN -> "";
        };
    }
}
