package atelier.trainer.run;

import atelier.common.console.StopSignal;
import atelier.datasets.consent.ConsentSettings;
import atelier.diffusion.model.Devices;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.weights.Checkpoint;
import atelier.trainer.folder.LedgerWriter;
import atelier.trainer.folder.RunFolder;
import atelier.trainer.loop.TrainingKernels;
import atelier.trainer.memory.RunMemory;
import atelier.trainer.prepare.JudgedPairs;
import atelier.trainer.prepare.RunInputs;
import java.io.IOException;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a run holds open from its beginning to its end: its ledgers, the model, the wish to stop. */
final class RunContext implements AutoCloseable {
    private final TrainingSettings settings;
    private final RunFolder folder;
    private final Consumer<String> says;
    private final LedgerWriter ledgers = new LedgerWriter();
    private @Nullable Kernels kernels;
    private @Nullable StableDiffusion model;
    private @Nullable StopSignal stop;
    private @Nullable RunMemory memory;

    RunContext(TrainingSettings settings, RunFolder folder, Consumer<String> says) {
        this.settings = settings;
        this.folder = folder;
        this.says = says;
    }

    /** Judges all pictures; what each ledger says is written while the run goes on. */
    JudgedPairs judge(RunInputs inputs) {
        JudgedPairs.Rules rules = new JudgedPairs.Rules(
                new ConsentSettings(settings.optout(), settings.licence()),
                settings.data().triggerWord(),
                settings.data().onError(),
                settings.validation().heldOut());
        return JudgedPairs.judge(inputs, rules, folder, ledgers, says);
    }

    /** Loads the model. From now on a signal lets the step at hand end and its state be saved; before, it ends the process. */
    StableDiffusion load(Checkpoint base) throws IOException {
        Kernels device = TrainingKernels.load(
                Devices.of(settings.device()), settings.train().exact());
        kernels = device;
        RunParts parts = new RunParts(settings);
        StableDiffusion loaded = StableDiffusion.of(base, device, parts.loadOptions());
        model = loaded;
        stop = StopSignal.listen();
        memory = new RunMemory(loaded, parts.pass(), parts.kept());
        return loaded;
    }

    /** The wish to stop, once the model is loaded. */
    StopSignal stop() {
        return Objects.requireNonNull(stop);
    }

    /** The memory that training takes, once the model is loaded. */
    RunMemory memory() {
        return Objects.requireNonNull(memory);
    }

    RunFolder folder() {
        return folder;
    }

    LedgerWriter ledgers() {
        return ledgers;
    }

    /** The step to go on after; 0 for a new run. */
    long done() throws IOException {
        return settings.resume() == null ? 0 : folder.lastSavedStep().orElse(0L);
    }

    @Override
    public void close() throws IOException {
        // Ledgers are whole before the signal's listener goes, after which a stopped process is gone.
        try (Kernels first = kernels;
                StableDiffusion second = model;
                StopSignal third = stop) {
            ledgers.close();
        }
    }
}
