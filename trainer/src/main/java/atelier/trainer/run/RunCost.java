package atelier.trainer.run;

import atelier.common.error.WrongCommandException;
import atelier.datasets.pairs.Pair;
import atelier.diffusion.model.Devices;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.unet.UNetConfig;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.name.Component;
import atelier.trainer.memory.HostMemory;
import atelier.trainer.memory.HostMemoryEstimate;
import atelier.trainer.memory.MemoryEstimate;
import atelier.trainer.memory.MemoryUse;
import atelier.trainer.optimizer.OptimizerName;
import atelier.trainer.output.ExportFormat;
import atelier.trainer.prepare.JudgedPairs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What a run takes of memory and disk, reckoned before it starts.
 *
 * @param onCpu whether it trains on the CPU; a card's memory is {@link atelier.trainer.memory.RunMemory}'s to tell of
 * @param weights bytes of the UNet's weights, which must be in memory whatever else is
 * @param memory bytes of the machine's memory, estimated
 * @param card bytes of a card's memory, estimated
 * @param disk bytes that it leaves in its folder, estimated but for merged models
 */
public record RunCost(boolean onCpu, long weights, long memory, long card, long disk) {
    private static final double GIB = 1L << 30;
    private static final Set<Component> ENCODERS =
            Set.of(Component.VAE, Component.TEXT_ENCODER, Component.TEXT_ENCODER_2);

    /** Reckons from the shapes of the base's weights. */
    public static RunCost of(TrainingSettings settings, Checkpoint base) {
        RunParts parts = new RunParts(settings);
        Precision precision = settings.model().dtype();
        long unet = elements(base, Component.UNET);
        long encoders =
                ENCODERS.stream().mapToLong(each -> elements(base, each)).sum();
        long trained = settings.train().fullFinetune() ? unet : adapted(settings, base);
        boolean full = settings.train().fullFinetune();
        long frozen = unet * (precision == Precision.INT8 ? 1 : precision.bytes());
        MemoryUse use = new MemoryUse(
                UNetConfig.of(base.component(Component.UNET).config()),
                parts.pass(),
                parts.kept(),
                full ? 0 : frozen,
                trained);
        long memory = HostMemoryEstimate.bytes(
                use,
                settings.model().prepack(),
                encoders * precision.unquantised().bytes());
        boolean cpu = !Devices.of(settings.device()).isGpu();
        long card = MemoryEstimate.of(use).bytes();
        return new RunCost(cpu, unet * precision.bytes(), memory, card, disk(settings, unet + encoders, trained));
    }

    /** A low-rank update of every two-dimensional weight; what other methods train is of that order. */
    private static long adapted(TrainingSettings settings, Checkpoint base) {
        long rank = settings.adapter().rank();
        return base.component(Component.UNET).sources().entrySet().stream()
                .filter(entry -> entry.getKey().contains("attentions"))
                .map(entry -> entry.getValue().shape())
                .filter(shape -> shape.length >= 2)
                .mapToLong(shape -> rank * (shape[0] + shape[1]))
                .sum();
    }

    private static long disk(TrainingSettings settings, long model, long trained) {
        long merged = settings.export().merged() ? 1 : 0;
        merged += settings.export().formats().stream()
                .filter(format -> !format.isAdapter())
                .count();
        long adapters = settings.train().fullFinetune()
                ? 0
                : 1
                        + settings.export().formats().stream()
                                .filter(ExportFormat::isAdapter)
                                .count();
        int state = settings.optimizer().name() == OptimizerName.PRODIGY ? 16 : 8;
        long states = settings.train().saveEvery() == 0
                ? 1
                // One more while the oldest has not gone.
                : settings.train().keepStates() + 1L;
        adapters += settings.export().savedSteps() && adapters > 0 ? states : 0;
        return merged * model * settings.export().mergedDtype().bytes()
                + adapters * trained * settings.export().adapterDtype().bytes()
                + states * trained * (Float.BYTES + state);
    }

    private static long elements(Checkpoint base, Component component) {
        return base.has(component)
                ? base.component(component).sources().values().stream()
                        .mapToLong(source -> Arrays.stream(source.shape()).reduce(1, (a, b) -> a * b))
                        .sum()
                : 0;
    }

    /**
     * Refuses what cannot fit, before anything is touched.
     *
     * @param runs the folder that runs go to
     */
    void requireRoom(Path runs) throws IOException {
        requireRoom(HostMemory.here(), freeDisk(runs), runs);
    }

    void requireRoom(HostMemory host, long freeDisk, Path runs) {
        if (onCpu && host.totalBytes() > 0 && weights > host.totalBytes()) {
            throw new WrongCommandException("model.path: the UNet's weights alone take " + gib(weights)
                    + ", and this machine has " + gib(host.totalBytes())
                    + " of memory; a smaller model.dtype or a machine with more memory is needed");
        }
        if (disk > freeDisk) {
            throw new WrongCommandException("run.dir: this run leaves about " + gib(disk) + ", and " + gib(freeDisk)
                    + " are free in " + runs + "; free some space, set run.dir to another disk, or leave the merged"
                    + " model out: export.merged=false");
        }
    }

    /** Says what a run is and takes, in a few lines. */
    void tell(TrainingSettings settings, JudgedPairs pairs, Path folder, Consumer<String> says) throws IOException {
        int shown = pairs.training().stream().mapToInt(Pair::repeats).sum()
                * settings.data().repeats();
        int steps = settings.train().steps();
        int each = settings.train().picturesPerStep();
        says.accept(String.format(
                Locale.ROOT,
                "%d pictures%s, %d steps of %d: %.1f epochs",
                pairs.training().size(),
                shown == pairs.training().size() ? "" : " (" + shown + " with repeats)",
                steps,
                each,
                (double) steps * each / Math.max(1, shown)));
        HostMemory host = HostMemory.here();
        String free = gib(freeDisk(folder)) + " free";
        says.accept((onCpu ? "memory: about " + gib(memory) + ", " + gib(host.freeBytes()) + " free; " : "")
                + "disk: about " + gib(disk) + ", " + free);
        if (onCpu && host.freeBytes() > 0 && memory > host.freeBytes()) {
            says.accept("warning: memory may not suffice; these take less: model.prepack=none,"
                    + " train.gradient_checkpointing=true, train.batch_size=1, a smaller data.resolution");
        }
    }

    private static long freeDisk(Path folder) throws IOException {
        Path there = folder.toAbsolutePath();
        while (!Files.exists(there)) {
            there = Objects.requireNonNull(there.getParent());
        }
        return Files.getFileStore(there).getUsableSpace();
    }

    private static String gib(long bytes) {
        return bytes < GIB / 10
                ? String.format(Locale.ROOT, "%d MiB", Math.max(1, bytes >> 20))
                : String.format(Locale.ROOT, "%.1f GiB", bytes / GIB);
    }
}
