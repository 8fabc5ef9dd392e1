package atelier.studio.page;

import atelier.studio.check.TrainForm;
import atelier.studio.run.AdapterInfo;
import atelier.studio.run.AdapterList;
import atelier.studio.run.LedgerPage;
import atelier.studio.run.Metrics;
import atelier.studio.run.QueueEntry;
import atelier.studio.run.RunDetail;
import atelier.studio.run.RunQueue;
import atelier.studio.run.RunSummary;
import atelier.studio.run.Runs;
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
public record LiveData(Runs list, RunQueue waiting, AdapterList left, TrainForm train, DrawDefaults drawDefaults)
        implements StudioData {
    @Override
    public List<RunSummary> runs() throws IOException {
        return list.list();
    }

    @Override
    public RunDetail run(String name) throws IOException {
        return list.detail(name);
    }

    @Override
    public Metrics metrics(String name) throws IOException {
        try {
            return list.metrics(name, 0);
        } catch (NotFoundException e) {
            return new Metrics(List.of("step"), List.of(), 0, 0, false);
        }
    }

    @Override
    public List<Sample> samples(String name) throws IOException {
        try {
            return list.samples(name);
        } catch (NotFoundException e) {
            return List.of();
        }
    }

    @Override
    public LedgerPage ledger(String name, LedgerPage.Query query) throws IOException {
        try {
            return list.ledger(name, query);
        } catch (NotFoundException e) {
            return new LedgerPage(0, 0, Map.of(), List.of());
        }
    }

    @Override
    public List<QueueEntry> queue() throws IOException {
        return waiting.entries();
    }

    @Override
    public TrainForm.Description form() {
        return train.describe(List.of());
    }

    @Override
    public TrainForm.Description ownForm() {
        return train.describe(List.of("data.pairs=pictures"));
    }

    @Override
    public List<AdapterInfo> adapters() throws IOException {
        return left.list();
    }
}
