package atelier.studio;

import atelier.cli.command.Command;
import atelier.cli.command.ExitStatus;
import atelier.cli.command.Invocation;
import atelier.common.work.StopSignal;
import atelier.studio.page.Screens;
import atelier.studio.server.StudioServer;
import java.util.List;

/** {@code studio}: serves the page until it is interrupted. */
public final class StudioCommand implements Command {
    private static final int LOOK_EVERY_MS = 100;

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
        try (StudioServer server = StudioServer.start(settings.studio().port(), List.of(new Screens()))) {
            invocation.out().println(server.link());
            while (!StopSignal.isHeard()) {
                Thread.sleep(LOOK_EVERY_MS);
            }
        }
        return ExitStatus.INTERRUPTED;
    }
}
