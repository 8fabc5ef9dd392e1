package atelier.datasets.consent.ledger;

import atelier.common.error.RefusedException;
import atelier.common.error.WrongCommandException;
import atelier.common.file.Sha256;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a finished ledger is as it was written: ledger.csv against ledger.json, or parts against their manifest. */
public final class LedgerCheck {
    private static final String CSV = "ledger.csv";
    private static final String JSON = "ledger.json";

    private LedgerCheck() {}

    /**
     * Reads the ledger of a folder whole.
     *
     * @return what was found, in a sentence
     * @throws RefusedException naming the file that is missing or was changed
     * @throws WrongCommandException when the folder holds no ledger
     */
    public static String check(Path folder) throws IOException {
        if (LedgerManifest.isIn(folder)) {
            LedgerManifest manifest = LedgerManifest.read(folder);
            String whole = manifest.check(folder);
            return manifest.summary() + "; all " + manifest.parts().size()
                    + " parts are as they were written (sha256 of the parts " + manifest.partsSha256()
                    + ", as one ledger.csv " + whole + ")";
        }
        Path csv = folder.resolve(CSV);
        Path json = folder.resolve(JSON);
        if (!Files.isRegularFile(csv) || !Files.isRegularFile(json)) {
            throw new WrongCommandException(
                    "verify",
                    "'" + folder + "' holds no ledger",
                    "name the folder of ledger.csv and ledger.json, or of " + LedgerManifest.NAME);
        }
        String digest = Sha256.of(csv);
        if (!digest.equals(stated(json))) {
            throw new RefusedException(
                    csv.toString(), "it differs from its digest in " + JSON, "restore it from a copy, or judge anew");
        }
        return csv + " is as it was written (sha256 " + digest + ")";
    }

    /** The digest stands first; what follows may be large. */
    private static String stated(Path json) throws IOException {
        try (JsonParser parser = new JsonMapper().getFactory().createParser(json.toFile())) {
            while (parser.nextToken() != null) {
                if (parser.currentToken() == JsonToken.FIELD_NAME
                        && parser.currentName().equals("ledger_csv_sha256")) {
                    return String.valueOf(parser.nextTextValue());
                }
            }
        }
        return "";
    }
}
