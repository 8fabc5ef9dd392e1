package atelier.cli;

import atelier.cli.config.Inline;
import atelier.diffusion.model.Devices;
import atelier.diffusion.model.ModelSettings;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.Kernels;
import atelier.inference.AdaptedModel;
import atelier.inference.AdapterChoice;
import atelier.inference.Generation;
import atelier.inference.GenerationPlan;
import atelier.inference.OutputSettings;
import atelier.inference.PromptSettings;
import atelier.inference.SamplingSettings;
import atelier.inference.SourceSettings;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code generate}: draws pictures from words, from other pictures, or again from a picture's own record. */
final class GenerateCommand implements Command {
    /**
     * The keys.
     *
     * @param device auto, cpu, cuda or cuda:N
     */
    record Settings(
            @Inline PromptSettings words,
            @Inline SamplingSettings sampling,
            @Inline SourceSettings source,
            @Inline OutputSettings output,
            List<AdapterChoice> adapters,
            @Nullable AdapterChoice adapter,
            String device,
            ModelSettings model) {

        private List<AdapterChoice> allAdapters() {
            List<AdapterChoice> all = new ArrayList<>(adapters);
            if (adapter != null) {
                all.add(adapter);
            }
            return all;
        }
    }

    @Override
    public String name() {
        return "generate";
    }

    @Override
    public String summary() {
        return "draw pictures from words";
    }

    @Override
    public Class<? extends Record> settings() {
        return Settings.class;
    }

    @Override
    public ExitStatus run(Invocation invocation) throws Exception {
        Settings settings = invocation.settings(Settings.class);
        GenerationPlan plan = GenerationPlan.of(
                settings.words(),
                settings.sampling(),
                settings.source(),
                settings.output(),
                settings.model().requirePath(),
                settings.allAdapters());
        PrintStream err = invocation.err();
        try (Kernels kernels = Kernels.load(Devices.of(settings.device()));
                StableDiffusion model = AdaptedModel.open(
                        plan.model(), plan.adapters(), kernels, settings.model().dtype())) {
            Generation generation = new Generation(plan, model, err::println);
            List<Path> files = generation.run((picture, pictures, call, calls) -> {
                if (invocation.terminal()) {
                    err.printf("\rpicture %d of %d, step %d of %d ", picture + 1, pictures, call, calls);
                }
                return true;
            });
            if (invocation.terminal()) {
                err.println();
            }
            files.forEach(invocation.out()::println);
        }
        return ExitStatus.DONE;
    }
}
