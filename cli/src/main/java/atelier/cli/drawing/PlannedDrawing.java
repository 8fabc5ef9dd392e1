package atelier.cli.drawing;

import atelier.cli.choice.ChosenSettings;
import atelier.cli.config.Composition;
import atelier.common.error.RefusedException;
import atelier.common.file.NamedPath;
import atelier.diffusion.model.ModelSettings;
import atelier.diffusion.weights.ModelSource;
import atelier.inference.prompt.PlainWords;
import atelier.inference.request.AdapterChoice;
import atelier.inference.request.GenerationPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What is to be drawn, and the settings that say so.
 *
 * @param settings with a value in the place of each auto
 * @param plan every prompt with its seeds and adapters
 * @param notices what a user should know before the drawing begins
 */
public record PlannedDrawing(DrawingSettings settings, GenerationPlan plan, List<String> notices) {
    public PlannedDrawing {
        notices = List.copyOf(notices);
    }

    /**
     * Binds generate's settings and reads every file that they name, but for the model and the adapters.
     *
     * @throws atelier.common.error.WrongCommandException naming the key, or the file and line, that does not fit
     */
    public static PlannedDrawing of(Composition composition) throws IOException {
        List<String> notices = new ArrayList<>();
        DrawingSettings settings =
                ChosenSettings.forDrawing(composition, notices::add).bind(DrawingSettings.class);
        GenerationPlan plan = GenerationPlan.of(
                settings.words(),
                settings.sampling(),
                settings.source(),
                settings.output(),
                settings.adapted(),
                settings.model().requirePath(),
                settings.model().dtype());
        NamedPath.output("out", plan.output().out());
        notices.addAll(plan.notices());
        return new PlannedDrawing(settings, plan, notices);
    }

    /** The same settings with another plan of the same model and files. */
    public PlannedDrawing with(GenerationPlan other) {
        return new PlannedDrawing(settings, other, notices);
    }

    /** A picture's record may name another model than the settings; what stands in for parts is asked for either. */
    public ModelSource source() {
        ModelSettings model = settings.model();
        return new ModelSource(plan.model(), model.vae(), model.textEncoder(), model.predictionType());
    }

    /** The model, adapters and embeddings. */
    public List<Path> products() {
        List<Path> products = new ArrayList<>(List.of(plan.model()));
        plan.adapterSets().forEach(set -> set.stream().map(AdapterChoice::file).forEach(products::add));
        plan.embeddings().forEach(embedding -> products.add(embedding.file()));
        return products;
    }

    /**
     * Refuses prompts that name a creator who opted out, or that the prompt policy forbids.
     *
     * @param root what relative paths in a run's settings are relative to
     * @param messages hears of adapters whose run is not at hand
     * @throws RefusedException with the rule, the list and the line
     */
    public void requirePermission(Path root, Consumer<String> messages) throws IOException {
        PromptGate gate = new PromptGate(root, texts());
        gate.requireConsent(products(), settings.optout().manifests(), messages);
        gate.requirePolicy(settings.promptPolicy());
    }

    /** What prompts and tags say, each under the name that messages call it by. */
    private Map<String, List<String>> texts() {
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
                    job.tags().stream().map(PlannedDrawing::spaced).toList());
        }
        return texts;
    }

    private static void add(Map<String, List<String>> texts, String place, List<String> more) {
        texts.computeIfAbsent(place, key -> new ArrayList<>()).addAll(more);
    }

    private static String spaced(String name) {
        return name.replaceAll("(?<=\\p{Ll})(?=\\p{Lu})|[_.:/\\\\-]", " ");
    }
}
