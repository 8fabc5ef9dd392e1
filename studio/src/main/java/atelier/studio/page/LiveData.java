package atelier.studio.page;

import atelier.studio.check.TrainForm;
import atelier.studio.run.AdapterInfo;
import atelier.studio.run.AdapterList;
import atelier.studio.run.LedgerPage;
import atelier.studio.run.Metrics;
import atelier.studio.run.QueueEntry;
import atelier.studio.run.RunDetail;
import atelier.studio.run.RunSummary;
import atelier.studio.run.Runs;
import atelier.studio.run.RunQueue;
import atelier.studio.run.Sample;
import java.io.IOException;
import java.util.List;

/**
 * What the studio's parts know now.
 *
 * @param drawDefaults what pictures are drawn with at first
 */
public record LiveData(Runs list, RunQueue waiting, AdapterList left, TrainForm train, DrawDefaults drawDefaults) implements StudioData {
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
        return list.metrics(name, 0);
    }

    @Override
    public List<Sample> samples(String name) throws IOException {
        return list.samples(name);
    }

    @Override
    public LedgerPage ledger(String name, LedgerPage.Query query) throws IOException {
        return list.ledger(name, query);
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
