package atelier.cli.command;

import atelier.common.error.WrongCommandException;
import atelier.common.file.NamedPath;
import atelier.datasets.consent.list.ListDigest;
import atelier.datasets.consent.list.OptOutCompiler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** {@code optout build}: compiles opt-out lists into one file that is searched and not read. */
public final class OptOutBuildCommand implements Command {
    /** The keys. */
    record Settings(Lists optout, Path out) {}

    record Lists(List<Path> manifests) {}

    @Override
    public String name() {
        return "optout build";
    }

    @Override
    public String summary() {
        return "compile opt-out lists of any size into one sorted file";
    }

    @Override
    public Class<? extends Record> settings() {
        return Settings.class;
    }

    @Override
    public ExitStatus run(Invocation invocation) throws IOException {
        Settings settings = invocation.settings(Settings.class);
        for (Path list : settings.optout().manifests()) {
            NamedPath.file("optout.manifests", list, "name opt-out lists (.jsonl, .csv, or a saved reply .json)");
        }
        Path out = settings.out().toAbsolutePath();
        if (Files.isDirectory(out) || out.getParent() == null) {
            throw new WrongCommandException("out", "'" + out + "' is a folder", "name the file to write");
        }
        NamedPath.output("out", out.getParent());
        List<ListDigest> lists = new OptOutCompiler().compile(settings.optout().manifests(), settings.out());
        for (ListDigest list : lists) {
            invocation
                    .out()
                    .println("read " + list.name() + ": " + list.entries() + " entries, sha256 " + list.sha256());
        }
        invocation
                .out()
                .printf(Locale.ROOT, "compiled into %s, %d bytes%n", settings.out(), Files.size(settings.out()));
        return ExitStatus.DONE;
    }
}
