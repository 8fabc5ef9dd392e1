package atelier.studio.page;

import atelier.studio.check.TrainForm;
import atelier.studio.run.AdapterInfo;
import atelier.studio.run.LedgerPage;
import atelier.studio.run.Metrics;
import atelier.studio.run.QueueEntry;
import atelier.studio.run.RunDetail;
import atelier.studio.run.RunSummary;
import atelier.studio.run.Sample;
import java.util.List;

/** What the screens show. Everything is read anew for each page. */
public interface StudioData {
    /** Newest first. */
    List<RunSummary> runs() throws Exception;

    RunDetail run(String name) throws Exception;

    /** The figures of all steps, thinned where there are very many. */
    Metrics metrics(String name) throws Exception;

    List<Sample> samples(String name) throws Exception;

    LedgerPage ledger(String name, LedgerPage.Query query) throws Exception;

    List<QueueEntry> queue() throws Exception;

    /** The settings of train with the values of the demonstration. */
    TrainForm.Description form() throws Exception;

    /** The same with the values for pictures of one's own. */
    TrainForm.Description ownForm() throws Exception;

    List<AdapterInfo> adapters() throws Exception;

    /** What pictures are drawn with where nothing else is said. */
    DrawDefaults drawDefaults() throws Exception;
}
