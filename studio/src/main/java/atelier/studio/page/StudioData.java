package atelier.studio.page;

import atelier.studio.check.CommandForm;
import atelier.studio.job.QueueEntry;
import atelier.studio.run.AdapterInfo;
import atelier.studio.run.Evaluation;
import atelier.studio.run.EvaluationDetail;
import atelier.studio.run.LedgerPage;
import atelier.studio.run.Metrics;
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
    CommandForm.Description form() throws Exception;

    /** The same with the values for pictures of one's own. */
    CommandForm.Description ownForm() throws Exception;

    /** The settings of evaluate. */
    CommandForm.Description evaluateForm() throws Exception;

    /** That of a run. */
    EvaluationDetail evaluation(String name) throws Exception;

    /** Those that wait or work. */
    List<Evaluation> evaluations() throws Exception;

    List<AdapterInfo> adapters() throws Exception;

    /** What pictures are drawn with where nothing else is said. */
    DrawDefaults drawDefaults() throws Exception;
}
