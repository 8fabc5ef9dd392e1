package atelier.studio;

import atelier.cli.command.Command;
import atelier.cli.command.ExitStatus;
import atelier.cli.command.Invocation;
import atelier.common.file.FolderLock;
import atelier.common.file.NamedPath;
import atelier.common.work.StopSignal;
import atelier.studio.api.EvaluationRoutes;
import atelier.studio.api.FormRoutes;
import atelier.studio.api.PictureFolders;
import atelier.studio.api.PictureRoutes;
import atelier.studio.api.RunRoutes;
import atelier.studio.check.CommandForm;
import atelier.studio.check.EvaluationCheck;
import atelier.studio.check.PathRoots;
import atelier.studio.check.RunCheck;
import atelier.studio.draw.DrawRoutes;
import atelier.studio.draw.Drawings;
import atelier.studio.draw.StudioDrawing;
import atelier.studio.event.EventRoutes;
import atelier.studio.event.Events;
import atelier.studio.job.ChildCommand;
import atelier.studio.openai.ImagesRoutes;
import atelier.studio.page.DrawDefaults;
import atelier.studio.page.LiveData;
import atelier.studio.page.Screens;
import atelier.studio.run.AdapterList;
import atelier.studio.run.Desk;
import atelier.studio.run.RunWatch;
import atelier.studio.sdapi.SdRoutes;
import atelier.studio.server.Routes;
import atelier.studio.server.StudioServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;

/** {@code studio}: serves the page until it is interrupted. */
public final class StudioCommand implements Command {
    private static final int LOOK_EVERY_MS = 100;
    private static final String REMEDY =
            "use that one, stop it, or give this one a folder of its own with studio.data=";

    @Override
    public String name() {
        return "studio";
    }

    @Override
    public String summary() {
        return "open a local page for training and drawing";
    }

    @Override
    public Class<? extends Record> settings() {
        return StudioSettings.class;
    }

    @Override
    public ExitStatus run(Invocation invocation) throws Exception {
        StudioSettings settings = invocation.settings(StudioSettings.class);
        StudioSettings.Page page = settings.studio();
        NamedPath.output("studio.data", page.data());
        Files.createDirectories(page.data());
        try (FolderLock alone = FolderLock.toWrite(page.data(), name(), REMEDY)) {
            serve(invocation, settings);
        }
        return ExitStatus.INTERRUPTED;
    }

    private static void serve(Invocation invocation, StudioSettings settings) throws Exception {
        Path data = settings.studio().data();
        Path runFolder = settings.run().dir();
        Desk desk = Desk.open(invocation.root(), runFolder, data, ChildCommand.ofThisProcess());
        List<Path> roots = new ArrayList<>(settings.studio().roots());
        roots.addAll(List.of(data, runFolder));
        PathRoots readable = new PathRoots(roots);
        Events events = new Events();
        try (Drawings drawings = StudioDrawing.start(
                invocation,
                settings.model(),
                data,
                runFolder,
                () -> works(desk),
                event -> events.publish("draw", event))) {
            serve(invocation, settings, desk, readable, events, drawings);
        }
    }

    private static void serve(
            Invocation invocation,
            StudioSettings settings,
            Desk desk,
            PathRoots roots,
            Events events,
            Drawings drawings)
            throws Exception {
        Path data = settings.studio().data();
        RunCheck check = new RunCheck(invocation.root(), roots, desk.control(), desk.runs());
        CommandForm train = CommandForm.train(invocation.root());
        CommandForm evaluate = CommandForm.evaluate(invocation.root());
        AdapterList adapters = new AdapterList(settings.run().dir());
        LiveData shown = new LiveData(
                desk,
                adapters,
                train,
                evaluate,
                DrawDefaults.of(invocation.root(), settings.model().requirePath()));
        List<Routes> parts = List.of(
                new RunRoutes(desk.runs(), desk.control(), check),
                new EvaluationRoutes(desk.control(), new EvaluationCheck(invocation.root(), roots)),
                new FormRoutes(train, evaluate, adapters),
                new PictureRoutes(new PictureFolders(data.resolve("pictures"))),
                new EventRoutes(events),
                new DrawRoutes(drawings),
                new SdRoutes(drawings),
                new ImagesRoutes(drawings),
                new Screens(shown, Clock.system(ZoneId.systemDefault())));
        try (StudioServer server = StudioServer.start(settings.studio().port(), parts);
                RunWatch watch = RunWatch.start(desk, events)) {
            invocation.out().println(server.link());
            if (settings.studio().open()) {
                Browser.open(server.link());
            }
            while (!StopSignal.isHeard()) {
                Thread.sleep(LOOK_EVERY_MS);
            }
            events.close();
        }
    }

    private static boolean works(Desk desk) {
        try {
            return desk.works();
        } catch (IOException e) {
            return false; // a folder of runs that cannot be read holds none that trains
        }
    }
}
