package atelier.cluster.filter;

import atelier.cluster.engine.ClusterSettings;
import atelier.datasets.batch.DataSettings;
import atelier.datasets.consent.ConsentSettings;
import atelier.datasets.consent.OptOutSettings;
import atelier.datasets.consent.licence.LicenceSettings;
import java.nio.file.Path;

/**
 * The keys of {@code cluster filter}.
 *
 * @param out the folder of the ledger in parts
 */
public record FilterKeys(
        ClusterSettings cluster,
        FilterSettings filter,
        DataSettings data,
        OptOutSettings optout,
        LicenceSettings licence,
        Path out) {
    /** What rows are judged by. */
    ConsentSettings consent() {
        return new ConsentSettings(optout, licence);
    }
}
