package atelier.cli.command;

import atelier.common.file.NamedPath;
import atelier.diffusion.adapter.inspect.Inspector;
import java.io.IOException;
import java.nio.file.Path;

/** {@code inspect FILE}: says in words what a weight file or folder is, and what would load it. */
public final class InspectCommand implements Command {
    /** The keys. */
    record Settings(Path file) {}

    @Override
    public String name() {
        return "inspect";
    }

    @Override
    public String summary() {
        return "describe a weight file or folder: inspect FILE";
    }

    @Override
    public Class<? extends Record> settings() {
        return Settings.class;
    }

    @Override
    public String bareWordKey() {
        return "file";
    }

    @Override
    public ExitStatus run(Invocation invocation) throws IOException {
        Path file = invocation.settings(Settings.class).file();
        NamedPath.existing("file", file, "name a .safetensors file, or the folder of a model or of a PEFT adapter");
        Inspector.describe(file).forEach(invocation.out()::println);
        return ExitStatus.DONE;
    }
}
