package atelier.trainer.run;

import atelier.common.error.WrongCommandException;
import atelier.common.work.StoppedException;
import atelier.datasets.consent.ConsentSettings;
import atelier.diffusion.model.Devices;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.weights.Checkpoint;
import atelier.trainer.cache.CacheFolder;
import atelier.trainer.folder.InterruptedRunException;
import atelier.trainer.folder.LedgerWriter;
import atelier.trainer.folder.RunFingerprint;
import atelier.trainer.folder.RunFolder;
import atelier.trainer.loop.TrainingKernels;
import atelier.trainer.memory.RunMemory;
import atelier.trainer.prepare.JudgedPairs;
import atelier.trainer.prepare.RunInputs;
import atelier.trainer.state.CheckpointState;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a run holds open from its beginning to its end: its ledgers, the cache and the model. */
final class RunContext implements AutoCloseable {
    private final TrainingSettings settings;
    private final RunFolder folder;
    private final Consumer<String> says;
    private final LedgerWriter ledgers = new LedgerWriter();
    private final CacheFolder cache;
    private @Nullable Kernels kernels;
    private @Nullable StableDiffusion model;
    private @Nullable RunMemory memory;
    /** What is wrong with saved states, by step. */
    private final Map<Long, String> broken = new TreeMap<>();

    RunContext(TrainingSettings settings, RunFolder folder, Consumer<String> says) {
        this.settings = settings;
        this.folder = folder;
        this.says = says;
        this.cache = CacheFolder.of(settings.train().cacheDir(), says);
    }

    /** Judges all pictures; what each ledger says is written while the run goes on. */
    JudgedPairs judge(RunInputs inputs) {
        JudgedPairs.Rules rules = new JudgedPairs.Rules(
                new ConsentSettings(settings.optout(), settings.licence()),
                settings.data().captions().added(),
                settings.data().onError(),
                settings.validation().heldOut());
        return JudgedPairs.judge(inputs, rules, folder, ledgers, says);
    }

    /** Loads the model. */
    StableDiffusion load(Checkpoint base) throws IOException {
        Kernels device = TrainingKernels.load(
                Devices.of(settings.device()), settings.train().exact());
        kernels = device;
        RunParts parts = new RunParts(settings);
        StableDiffusion loaded = StableDiffusion.of(base, device, parts.loadOptions());
        model = loaded;
        memory = new RunMemory(loaded, parts.pass(), parts.kept());
        return loaded;
    }

    /** The memory that training takes, once the model is loaded. */
    RunMemory memory() {
        return Objects.requireNonNull(memory);
    }

    RunFolder folder() {
        return folder;
    }

    CacheFolder cache() {
        return cache;
    }

    LedgerWriter ledgers() {
        return ledgers;
    }

    /**
     * The step to go on after: the newest whose saved state is whole; 0 for a new run.
     *
     * @throws WrongCommandException when states were saved and none is whole
     */
    long done() throws IOException {
        if (settings.resume() == null) {
            return 0;
        }
        List<Long> steps = folder.savedSteps();
        for (int i = steps.size() - 1; i >= 0; i--) {
            Optional<String> fault = CheckpointState.fault(folder, steps.get(i));
            if (fault.isEmpty()) {
                return steps.get(i);
            }
            broken.put(steps.get(i), fault.get());
        }
        if (!steps.isEmpty()) {
            throw new WrongCommandException(
                    folder.states().toString(), "no saved state is whole: " + broken.values(), "train the run anew");
        }
        return 0;
    }

    /**
     * Compares with the run that saved the state to go on from, before anything of it is written to, and then sets
     * broken states aside.
     *
     * @param step as {@link #done} found it
     * @throws WrongCommandException naming what differs, unless told to go on anyway
     */
    void requireSame(RunFingerprint facts, long step) throws IOException {
        if (step == 0) {
            return;
        }
        String list = facts.differences(CheckpointState.facts(folder, step)).stream()
                .map(each -> "\n  " + each)
                .collect(Collectors.joining());
        if (!list.isEmpty() && !settings.train().resumeAnyway()) {
            throw new WrongCommandException(folder.state(step) + " was saved by another run:" + list
                    + "\nGive the same settings, or train.resume_anyway=true to go on with these");
        } else if (!list.isEmpty()) {
            says.accept("going on although the state was saved by another run:" + list);
        }
        for (Map.Entry<Long, String> state : broken.entrySet()) {
            says.accept("the state of step " + state.getKey() + " is broken (" + state.getValue() + ") and is now "
                    + CheckpointState.setAside(folder, state.getKey()) + "; step " + step
                    + " is the newest that is whole");
        }
        broken.clear();
    }

    /** What a run that was stopped outside its steps says: where it can be gone on from, if anything was saved. */
    RuntimeException stopped(StoppedException e) throws IOException {
        OptionalLong saved =
                folder.lastSavedStep().stream().mapToLong(Long::longValue).findFirst();
        return saved.isEmpty()
                ? e
                : new InterruptedRunException(
                        saved.getAsLong(), settings.train().steps());
    }

    @Override
    public void close() throws IOException {
        try (Kernels first = kernels;
                StableDiffusion second = model;
                CacheFolder third = cache) {
            ledgers.close();
        }
    }
}
