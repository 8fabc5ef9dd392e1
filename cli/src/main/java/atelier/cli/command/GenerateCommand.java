package atelier.cli.command;

import atelier.cli.choice.ChosenSettings;
import atelier.cli.config.InlineKeys;
import atelier.cli.sweep.SweepGrid;
import atelier.cli.sweep.SweptRun;
import atelier.common.console.DrawingBar;
import atelier.common.file.NamedPath;
import atelier.common.work.StopSignal;
import atelier.common.work.StoppedException;
import atelier.diffusion.model.Devices;
import atelier.diffusion.model.ModelSettings;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.weights.ModelSource;
import atelier.inference.draw.ModelSession;
import atelier.inference.draw.PictureGeneration;
import atelier.inference.prompt.PlainWords;
import atelier.inference.request.AdapterAndEmbeddingSettings;
import atelier.inference.request.AdapterChoice;
import atelier.inference.request.GenerationPlan;
import atelier.inference.request.OutputSettings;
import atelier.inference.request.PromptSettings;
import atelier.inference.request.SamplingSettings;
import atelier.inference.request.SourceSettings;
import atelier.inference.safety.SafetyFilter;
import atelier.inference.safety.SafetySettings;
import atelier.trainer.folder.ReadRuns;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/** {@code generate}: draws pictures from words, from other pictures, or again from a picture's own record. */
public final class GenerateCommand implements Command {
    /**
     * The keys.
     *
     * @param promptPolicy words and creators that prompts must not hold; null for none
     * @param optout opt-out lists that count beside those of the runs that model and adapters come from
     * @param device auto, cpu, cuda or cuda:N
     */
    record Settings(
            @InlineKeys PromptSettings words,
            @InlineKeys SamplingSettings sampling,
            @InlineKeys SourceSettings source,
            @InlineKeys OutputSettings output,
            @InlineKeys AdapterAndEmbeddingSettings adapted,
            @InlineKeys SafetySettings safety,
            @Nullable Path promptPolicy,
            Lists optout,
            String device,
            ModelSettings model) {}

    /** @param manifests opt-out lists, as train takes them */
    record Lists(List<Path> manifests) {
        public Lists {
            manifests = List.copyOf(manifests);
        }
    }

    @Override
    public String name() {
        return "generate";
    }

    @Override
    public String summary() {
        return "draw images from text prompts";
    }

    @Override
    public Class<? extends Record> settings() {
        return Settings.class;
    }

    /** A picture's record may name another model than the settings; what stands in for parts is asked for either. */
    private static ModelSource source(GenerationPlan plan, Settings settings) {
        ModelSettings model = settings.model();
        return new ModelSource(plan.model(), model.vae(), model.textEncoder(), model.predictionType());
    }

    @Override
    public ExitStatus run(Invocation invocation) throws Exception {
        PrintStream err = invocation.err();
        List<String> chosen = new ArrayList<>();
        Settings settings =
                ChosenSettings.forDrawing(invocation.composition(), chosen::add).bind(Settings.class);
        GenerationPlan plan = GenerationPlan.of(
                settings.words(),
                settings.sampling(),
                settings.source(),
                settings.output(),
                settings.adapted(),
                settings.model().requirePath(),
                settings.model().dtype());
        NamedPath.output("out", plan.output().out());
        chosen.forEach(err::println);
        plan.notices().forEach(err::println);
        requirePermission(plan, settings, invocation);
        List<Path> written = new ArrayList<>();
        try (ReadRuns held = ReadRuns.hold(products(plan));
                Kernels kernels =
                        Kernels.load(Devices.of(settings.device()), SafetyFilter.kernelTexts(settings.safety()));
                ModelSession model =
                        ModelSession.open(source(plan, settings), plan.adapterSets(), kernels, plan.precision());
                SafetyFilter safety = SafetyFilter.open(settings.safety(), plan.model(), kernels)) {
            PictureGeneration generation = new PictureGeneration(plan, model, safety, err::println);
            try (DrawingBar bar = new DrawingBar(err, invocation.terminal())) {
                generation.run(new PictureGeneration.Progress() {
                    @Override
                    public boolean at(int picture, int pictures, int call, int calls) {
                        bar.at(picture, pictures, call, calls);
                        return !StopSignal.isHeard();
                    }

                    @Override
                    public void written(Path file) {
                        written.add(file);
                        invocation.wrote(file);
                        invocation.out().println(file);
                    }
                });
            } catch (CancellationException | StoppedException e) {
                err.println("interrupted; what is finished stays: " + written.size() + " files in "
                        + plan.output().out());
                return ExitStatus.INTERRUPTED;
            }
        }
        return ExitStatus.DONE;
    }

    /** The model, adapters and embeddings. */
    private static List<Path> products(GenerationPlan plan) {
        List<Path> products = new ArrayList<>(List.of(plan.model()));
        plan.adapterSets().forEach(set -> set.stream().map(AdapterChoice::file).forEach(products::add));
        plan.embeddings().forEach(embedding -> products.add(embedding.file()));
        return products;
    }

    private static void requirePermission(GenerationPlan plan, Settings settings, Invocation invocation)
            throws IOException {
        int steps = plan.sampling().steps();
        Map<String, List<String>> texts = new LinkedHashMap<>();
        for (GenerationPlan.Job job : plan.jobs()) {
            // Several jobs may stand at one place, where a prompt chooses its words by the seed.
            add(texts, job.place(), PlainWords.of(job.prompt(), steps));
            add(texts, job.place() + ", negative prompt,", PlainWords.of(job.negativePrompt(), steps));
            add(texts, job.place() + ", tags,", job.tags());
            // In file names a sign joins the words of a name.
            add(
                    texts,
                    job.place() + ", tags,",
                    job.tags().stream().map(GenerateCommand::spaced).toList());
        }
        PromptGate gate = new PromptGate(invocation.root(), texts);
        gate.requireConsent(products(plan), settings.optout().manifests(), invocation.err()::println);
        gate.requirePolicy(settings.promptPolicy());
    }

    private static void add(Map<String, List<String>> texts, String place, List<String> more) {
        texts.computeIfAbsent(place, key -> new ArrayList<>()).addAll(more);
    }

    private static String spaced(String name) {
        return name.replaceAll("(?<=\\p{Ll})(?=\\p{Lu})|[_.:/\\\\-]", " ");
    }

    @Override
    public String folderKey() {
        return "out";
    }

    @Override
    public void afterSweep(List<SweptRun> runs, Invocation last) throws IOException {
        Path parent = last.composition().path("out").toAbsolutePath().getParent();
        if (parent != null) {
            SweepGrid.write(runs, parent).ifPresent(last.out()::println);
        }
    }
}
