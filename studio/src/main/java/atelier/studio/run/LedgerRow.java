package atelier.studio.run;

/**
 * A picture's verdict. Texts are empty where nothing is known.
 *
 * @param list the file that gave the reason
 * @param line in it, as text; empty for none
 */
public record LedgerRow(
        String image,
        String verdict,
        String rule,
        String reason,
        String list,
        String line,
        String creator,
        String licence,
        String source) {}
