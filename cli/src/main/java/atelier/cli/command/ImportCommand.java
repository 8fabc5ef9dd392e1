package atelier.cli.command;

import atelier.cli.moving.Import;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code import FILE...}: writes an experiment from the configuration of another trainer. */
public final class ImportCommand implements Command {
    /**
     * The keys.
     *
     * @param files configurations of one program, or its command line
     * @param out the experiment to write; null names it after the first file
     */
    record Settings(List<String> files, @Nullable Path out) {}

    @Override
    public String name() {
        return "import";
    }

    @Override
    public String summary() {
        return "take over a configuration of sd-scripts, kohya_ss, OneTrainer, ai-toolkit or SimpleTuner: import FILE";
    }

    @Override
    public Class<? extends Record> settings() {
        return Settings.class;
    }

    @Override
    public String bareWordKey() {
        return "files";
    }

    @Override
    public boolean takesSeveralWords() {
        return true;
    }

    @Override
    public ExitStatus run(Invocation invocation) throws IOException {
        Settings settings = invocation.settings(Settings.class);
        Import.write(settings.files(), settings.out(), invocation.root()).forEach(invocation.out()::println);
        return ExitStatus.DONE;
    }
}
