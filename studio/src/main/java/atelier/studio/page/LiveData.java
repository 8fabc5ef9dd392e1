package atelier.studio.page;

import atelier.studio.check.CommandForm;
import atelier.studio.job.QueueEntry;
import atelier.studio.run.AdapterInfo;
import atelier.studio.run.AdapterList;
import atelier.studio.run.Desk;
import atelier.studio.run.Evaluation;
import atelier.studio.run.EvaluationDetail;
import atelier.studio.run.EvaluationState;
import atelier.studio.run.LedgerPage;
import atelier.studio.run.Metrics;
import atelier.studio.run.RunDetail;
import atelier.studio.run.RunSummary;
import atelier.studio.run.Sample;
import atelier.studio.server.NotFoundException;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * What the studio's parts know now. A run that was started a moment ago has no folder yet: it has no figures, no samples and no
 * verdicts, and whether there is a run of the name {@link #run} tells.
 *
 * @param drawDefaults what pictures are drawn with at first
 */
public record LiveData(Desk desk, AdapterList left, CommandForm train, CommandForm evaluate, DrawDefaults drawDefaults)
        implements StudioData {
    @Override
    public List<RunSummary> runs() throws IOException {
        return desk.runs().list();
    }

    @Override
    public RunDetail run(String name) throws IOException {
        return desk.runs().detail(name);
    }

    @Override
    public Metrics metrics(String name) throws IOException {
        try {
            return desk.runs().metrics(name, 0);
        } catch (NotFoundException e) {
            return new Metrics(List.of("step"), List.of(), 0, 0, false);
        }
    }

    @Override
    public List<Sample> samples(String name) throws IOException {
        try {
            return desk.runs().samples(name);
        } catch (NotFoundException e) {
            return List.of();
        }
    }

    @Override
    public LedgerPage ledger(String name, LedgerPage.Query query) throws IOException {
        try {
            return desk.runs().ledger(name, query);
        } catch (NotFoundException e) {
            return new LedgerPage(0, 0, Map.of(), List.of());
        }
    }

    @Override
    public List<QueueEntry> queue() throws IOException {
        return desk.control().queue().entries();
    }

    @Override
    public CommandForm.Description form() {
        return train.describe(List.of());
    }

    @Override
    public CommandForm.Description ownForm() {
        return train.describe(List.of("data.pairs=pictures"));
    }

    @Override
    public CommandForm.Description evaluateForm() {
        return evaluate.describe(List.of());
    }

    @Override
    public EvaluationDetail evaluation(String name) throws IOException {
        return desk.control().evaluation(name);
    }

    @Override
    public List<Evaluation> evaluations() throws IOException {
        return desk.evaluations().list().stream()
                .filter(each ->
                        each.state() == EvaluationState.WAITING || each.state().isRunning())
                .toList();
    }

    @Override
    public List<AdapterInfo> adapters() throws IOException {
        return left.list();
    }
}
