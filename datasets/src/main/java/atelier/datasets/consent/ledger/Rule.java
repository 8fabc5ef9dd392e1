package atelier.datasets.consent.ledger;

import java.util.Locale;

/**
 * What decided about a picture. The order is the one in which objections are reported when there are several: what names
 * the work itself, then its maker, then its place, then what terms say.
 */
public enum Rule {
    SHA256,
    URL,
    PDQ,
    CREATOR,
    DOMAIN,
    DATA_MINING,
    C2PA,
    NOAI,
    TDMREP,
    AIPREF,
    CONTENT_SIGNAL,
    AI_TXT,
    RSL,
    ROBOTS,
    /** A licence that is stated but not allowed, listed as opted out, or missing where one is needed. */
    LICENCE,
    /** The image file's own frame cannot be read, so that signals within might be missed. */
    METADATA,
    /** A recorded grant lets the picture in. */
    GRANT,
    /** Nothing objects. */
    OPEN,
    /** The image cannot be used whoever permits it: missing, unreadable, or its row broken. */
    UNUSABLE;

    /** The rule's name in ledgers: lower case, words joined by hyphens. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
