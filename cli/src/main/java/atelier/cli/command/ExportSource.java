package atelier.cli.command;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.adapter.file.AdapterFile;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.file.ExportMetadata;
import atelier.diffusion.adapter.file.ModuleKey;
import atelier.diffusion.adapter.math.AdapterArithmetic;
import atelier.diffusion.adapter.math.AdapterArithmetic.Strength;
import atelier.diffusion.adapter.math.AdapterArithmetic.Weighted;
import atelier.diffusion.adapter.math.BlockStrength;
import atelier.diffusion.adapter.math.Extraction;
import atelier.diffusion.adapter.math.ResizeBySvd;
import atelier.diffusion.adapter.math.Scaling;
import atelier.diffusion.adapter.math.SvdRank;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.name.Component;
import atelier.inference.request.AdapterChoice;
import atelier.trainer.folder.RunFolder;
import atelier.trainer.output.FileDType;
import atelier.trainer.output.FormatWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Makes what {@code export} writes: one adapter and the merged model of whatever was named. */
final class ExportSource {
    private final ExportCommandSettings settings;
    private final Checkpoint base;
    private final Consumer<String> says;
    private final List<Named> adapters = new ArrayList<>();

    private record Named(String title, Path file, AdapterState state, double weight) {}

    private ExportSource(ExportCommandSettings settings, Checkpoint base, Consumer<String> says) {
        this.settings = settings;
        this.base = base;
        this.says = says;
    }

    /**
     * Reads what was named and does what was asked with it.
     *
     * @param says told in a line what a reader of the result should know
     */
    static FormatWriter open(ExportCommandSettings settings, Checkpoint base, Consumer<String> says)
            throws IOException {
        ExportSource source = new ExportSource(settings, base, says);
        source.read();
        return source.exporter();
    }

    private void read() throws IOException {
        ExportCommandSettings.Source source = settings.source();
        if (source.tuned() != null) {
            extract(source.tuned());
            return;
        }
        for (AdapterChoice choice : source.adapters()) {
            if (!Files.exists(choice.file())) {
                throw new WrongCommandException("the adapter " + choice.file()
                        + " does not exist; adapters names .safetensors files or folders of PEFT's");
            }
            add(choice.file(), choice.weight());
        }
        Path run = source.run();
        if (run != null && source.isRun()) {
            RunFolder folder = new RunFolder(run);
            AuditGate.requireReleased(folder);
            Path file = folder.adapter();
            if (!Files.isRegularFile(file)) {
                throw new WrongCommandException("run=" + run + " holds no " + file.getFileName()
                        + "; name the folder of a run that has ended, such as checkpoints/demo, or, for one of"
                        + " train.full_finetune, run=null model.path=" + run.resolve("merged"));
            }
            add(file, 1);
        }
    }

    private void add(Path file, double weight) throws IOException {
        AdapterState state =
                AdapterFile.read(file, base.component(Component.UNET).config());
        String title = ExportMetadata.title(state.metadata(), String.valueOf(file.getFileName()));
        adapters.add(new Named(title, file, state, weight));
    }

    private void extract(Path tuned) throws IOException {
        SvdRank rank = settings.change().wanted().orElseThrow();
        Extraction found = Extraction.of(
                base, Checkpoint.open(tuned), rank, settings.change().convolutions());
        if (found.adapter().modules().isEmpty()) {
            throw new WrongCommandException(tuned + " differs from " + base.source()
                    + " in no layer that adapters change; are they the same model, or need conv_rank?");
        }
        says.accept(String.format(
                Locale.ROOT,
                "the adapter holds %.2f %% of the difference's energy in %d layers; %d tensors that differ too are not"
                        + " carried%s",
                100 * found.kept(),
                found.adapter().modules().size(),
                found.elsewhere().size(),
                found.elsewhere().isEmpty()
                        ? ""
                        : ", such as " + found.elsewhere().get(0)));
        String title = name(tuned) + " without " + name(base.source());
        adapters.add(new Named(title, tuned, found.adapter(), 1));
    }

    private static String name(Path path) {
        return String.valueOf(path.toAbsolutePath().normalize().getFileName()).replaceAll("\\.safetensors$", "");
    }

    private FormatWriter exporter() {
        BlockStrength.check(
                settings.change().blocks(), adapters.stream().map(Named::state).toList());
        AdapterState adapter = adapters.isEmpty() ? null : adapter();
        // Without a new rank the adapters go into the weights as they are, whatever their methods.
        List<Weighted> parts = adapter != null && isResized()
                ? List.of(new Weighted(adapter, Strength.all(1)))
                : adapters.stream().map(this::weighted).toList();
        Map<String, String> earlier = earlier();
        String title = String.join(" + ", adapters.stream().map(Named::title).toList());
        List<String> titles = new ArrayList<>(List.of(ExportMetadata.title(base.metadata(), name(base.source()))));
        adapters.forEach(named -> titles.add(named.title()));
        return new FormatWriter(
                base,
                merged(parts),
                adapter,
                new FormatWriter.Metadata(
                        adapter == null
                                ? Map.of()
                                : ExportMetadata.ofAdapter(
                                        adapter, base, earlier, isResized() || adapters.size() > 1, title),
                        ExportMetadata.ofMerged(base, adapters.isEmpty() ? base.metadata() : earlier, titles)),
                FileDType.of(settings.output().dtype()),
                settings.output().maxShardSize().bytes());
    }

    private boolean isResized() {
        return settings.change().rank() != null;
    }

    private Weighted weighted(Named named) {
        ExportCommandSettings.Change change = settings.change();
        return new Weighted(named.state(), BlockStrength.of(change.strength() * named.weight(), change.blocks()));
    }

    /** One adapter of all; null where several cannot be one and no format asks for it. */
    private @Nullable AdapterState adapter() {
        Optional<SvdRank> rank = settings.change().wanted();
        boolean alone = settings.output().format().stream().anyMatch(format -> format.isAdapter());
        if (!alone && rank.isEmpty()) {
            return null;
        }
        List<AdapterState> parts = new ArrayList<>();
        for (Named named : adapters) {
            Weighted weighted = weighted(named);
            AdapterState scaled = Scaling.scaled(weighted.adapter(), weighted.strength());
            boolean extracted = settings.source().tuned() != null;
            parts.add(rank.isEmpty() || extracted ? scaled : ResizeBySvd.resize(scaled, rank.get(), shapes(scaled)));
        }
        if (parts.size() == 1) {
            return parts.get(0);
        }
        AdapterState sum = AdapterArithmetic.sum(
                parts.stream().map(part -> new Weighted(part, Strength.all(1))).toList(), Map.of());
        return rank.isEmpty() ? sum : ResizeBySvd.resize(sum, rank.get(), Map.of());
    }

    private Map<ModuleKey, long[]> shapes(AdapterState adapter) {
        Map<ModuleKey, long[]> shapes = new TreeMap<>();
        for (Component component : adapter.components()) {
            shapes.putAll(ResizeBySvd.shapes(adapter, base.component(component), component));
        }
        return shapes;
    }

    private Checkpoint merged(List<Weighted> parts) {
        Checkpoint merged = base;
        for (Component component : Component.values()) {
            boolean changed =
                    parts.stream().anyMatch(part -> part.adapter().components().contains(component));
            if (changed) {
                merged = merged.withWeights(
                        component, AdapterArithmetic.merged(base.component(component), component, parts));
            }
        }
        return merged;
    }

    /** One adapter's metadata; of several what each was and weighed. */
    private Map<String, String> earlier() {
        if (adapters.size() == 1) {
            return adapters.get(0).state().metadata();
        }
        Map<String, String> metadata = new TreeMap<>();
        if (adapters.size() > 1) {
            List<Map<String, String>> parts = new ArrayList<>();
            adapters.forEach(named -> parts.add(ExportMetadata.part(
                    named.title(),
                    named.weight() * settings.change().strength(),
                    named.state().metadata())));
            metadata.put("atelier.merged_from", ExportMetadata.json(parts));
        }
        return metadata;
    }
}
