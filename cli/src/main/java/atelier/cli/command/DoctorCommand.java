package atelier.cli.command;

import atelier.cli.doctor.Check;
import atelier.cli.doctor.EngineChecks;
import atelier.cli.doctor.MachineChecks;
import atelier.cli.doctor.ProjectChecks;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** {@code doctor}: says what this machine has, what is missing, and how to get it. */
public final class DoctorCommand implements Command {
    /** The keys: which model and which folder to look at. */
    record Settings(Model model, Run run) {}

    record Model(Path path) {}

    record Run(Path dir) {}

    @Override
    public String name() {
        return "doctor";
    }

    @Override
    public String summary() {
        return "check what this machine has, and say what is missing and how to get it";
    }

    @Override
    public Class<? extends Record> settings() {
        return Settings.class;
    }

    @Override
    public ExitStatus run(Invocation invocation) {
        Settings settings = invocation.settings(Settings.class);
        List<Check> checks = new ArrayList<>();
        checks.addAll(new MachineChecks(Path.of("/proc"), System.getenv()).all(invocation.root()));
        checks.addAll(EngineChecks.all());
        checks.addAll(ProjectChecks.all(
                invocation.root(), settings.model().path(), settings.run().dir()));
        for (Check check : checks) {
            String mark = switch (check.state()) {
                case GOOD -> "ok  ";
                case WEAK -> "weak";
                case BAD -> "BAD ";
            };
            invocation.out().printf(Locale.ROOT, "%s  %-10s %s%n", mark, check.name(), check.fact());
            if (!check.remedy().isEmpty()) {
                invocation.out().printf(Locale.ROOT, "                 -> %s%n", check.remedy());
            }
        }
        boolean sound = checks.stream().noneMatch(check -> check.state() == Check.State.BAD);
        return sound ? ExitStatus.DONE : ExitStatus.FAILED;
    }
}
