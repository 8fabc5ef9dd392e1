package atelier.datasets.consent.ledger;

import java.nio.file.Path;

/**
 * What was decided about one picture. Texts are empty where nothing is known.
 *
 * @param image its path, as the pair has it
 * @param sha256 the file's digest
 * @param outcome included, excluded or failed
 * @param rule what decided
 * @param reason why, in words
 * @param list the file that gave the reason: an opt-out list, a captured file, the table of pairs or the image itself
 * @param line the line in it from 1, or 0 when it has none
 * @param listSha256 that file's digest
 * @param creator who made the picture
 * @param licence its licence as stated, or as granted
 * @param source where it came from
 */
public record Verdict(
        Path image,
        String sha256,
        Outcome outcome,
        Rule rule,
        String reason,
        String list,
        long line,
        String listSha256,
        String creator,
        String licence,
        String source) {

    /** This verdict turned into a failure that was found later, such as an image that cannot be decoded. */
    public Verdict failed(String why) {
        return new Verdict(image, sha256, Outcome.FAILED, Rule.UNUSABLE, why, "", 0, "", creator, licence, source);
    }
}
