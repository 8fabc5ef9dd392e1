package atelier.cli;

import atelier.cli.config.Composer;
import atelier.cli.config.Composition;
import atelier.cli.config.ConfigFolder;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.Component;
import atelier.diffusion.weights.DType;
import atelier.diffusion.weights.FolderWriter;
import atelier.diffusion.weights.ModuleNames;
import atelier.diffusion.weights.SingleFileWriter;
import atelier.diffusion.weights.adapter.AdapterArithmetic;
import atelier.diffusion.weights.adapter.AdapterArithmetic.Strength;
import atelier.diffusion.weights.adapter.AdapterArithmetic.Weighted;
import atelier.diffusion.weights.adapter.AdapterFile;
import atelier.diffusion.weights.adapter.AdapterState;
import atelier.diffusion.weights.adapter.KohyaWriter;
import atelier.diffusion.weights.adapter.PeftWriter;
import atelier.trainer.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code export}: writes a run's adapter, alone or merged into its base model, in the formats of other programs. */
final class ExportCommand implements Command {
    /** The keys. */
    record Settings(
            Path run,
            List<ExportFormat> format,
            Precision dtype,
            double strength,
            @Nullable Path out) {
        Settings {
            if (format.isEmpty()) {
                throw new IllegalArgumentException("format must name at least one, such as [kohya, peft]");
            }
        }

        Path folder() {
            return out == null ? run.resolve("export") : out;
        }

        DType type() {
            return switch (dtype) {
                case FP32 -> DType.F32;
                case FP16 -> DType.F16;
                case BF16 -> DType.BF16;
            };
        }
    }

    @Override
    public String name() {
        return "export";
    }

    @Override
    public String summary() {
        return "write a run's adapter, or base and adapter in one, for other programs";
    }

    @Override
    public Class<? extends Record> settings() {
        return Settings.class;
    }

    @Override
    public ExitStatus run(Invocation invocation) throws IOException {
        Settings settings = invocation.settings(Settings.class);
        Path file = new RunFolder(settings.run()).adapter();
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("run=" + settings.run() + " holds no " + file.getFileName()
                    + "; name the folder of a run that has ended, such as checkpoints/demo");
        }
        Checkpoint base = Checkpoint.open(base(settings.run(), invocation.root()));
        AdapterState adapter =
                AdapterFile.read(file, base.component(Component.UNET).config());
        Files.createDirectories(settings.folder());
        for (ExportFormat format : settings.format()) {
            Path place = settings.folder().resolve(format.place());
            write(format, settings, base, adapter, place);
            invocation.out().println(place);
        }
        return ExitStatus.DONE;
    }

    /** The model that the run started from, as its resolved.conf says. */
    private static Path base(Path run, Path root) {
        Composition asked = new Composer(new ConfigFolder(root)).rerun(run, List.of());
        asked.check();
        return asked.path("model.path");
    }

    private static void write(ExportFormat format, Settings settings, Checkpoint base, AdapterState adapter, Path place)
            throws IOException {
        DType type = settings.type();
        Map<String, String> metadata = adapter.metadata();
        switch (format) {
            case KOHYA ->
                KohyaWriter.write(
                        adapter,
                        place,
                        type,
                        base.family(),
                        ModuleNames.of(base.component(Component.UNET).config()),
                        metadata);
            case PEFT -> PeftWriter.folder(adapter, place, type, metadata);
            case DIFFUSERS -> PeftWriter.diffusers(adapter, place, type, metadata);
            case MERGED ->
                FolderWriter.write(
                        merged(base, adapter, settings.strength()),
                        place,
                        type,
                        FolderWriter.SHARD_BYTES,
                        FolderWriter.copied(base));
            case SINGLE_FILE ->
                SingleFileWriter.write(merged(base, adapter, settings.strength()), place, type, metadata);
        }
    }

    private static Checkpoint merged(Checkpoint base, AdapterState adapter, double strength) {
        List<Weighted> weighted = List.of(new Weighted(adapter, Strength.all(strength)));
        Checkpoint merged = base;
        for (Component component : adapter.components()) {
            merged = merged.withWeights(
                    component, AdapterArithmetic.merged(base.component(component), component, weighted));
        }
        return merged;
    }
}
