package atelier.cli.command;

import atelier.cli.drawing.DrawingSettings;
import atelier.cli.drawing.PlannedDrawing;
import atelier.cli.sweep.SweepGrid;
import atelier.cli.sweep.SweptRun;
import atelier.common.console.DrawingBar;
import atelier.common.work.StopSignal;
import atelier.common.work.StoppedException;
import atelier.diffusion.model.Devices;
import atelier.diffusion.tensor.Kernels;
import atelier.inference.draw.ModelSession;
import atelier.inference.draw.PictureGeneration;
import atelier.inference.request.GenerationPlan;
import atelier.inference.safety.SafetyFilter;
import atelier.trainer.folder.ReadRuns;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;

/** {@code generate}: draws pictures from words, from other pictures, or again from a picture's own record. */
public final class GenerateCommand implements Command {
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
        return DrawingSettings.class;
    }

    @Override
    public ExitStatus run(Invocation invocation) throws Exception {
        PrintStream err = invocation.err();
        PlannedDrawing planned = PlannedDrawing.of(invocation.composition());
        DrawingSettings settings = planned.settings();
        GenerationPlan plan = planned.plan();
        planned.notices().forEach(err::println);
        planned.requirePermission(invocation.root(), err::println);
        List<Path> written = new ArrayList<>();
        try (ReadRuns held = ReadRuns.hold(planned.products());
                Kernels kernels =
                        Kernels.load(Devices.of(settings.device()), SafetyFilter.kernelTexts(settings.safety()));
                ModelSession model =
                        ModelSession.open(planned.source(), plan.adapterSets(), kernels, plan.precision());
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
