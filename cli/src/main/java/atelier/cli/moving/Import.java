package atelier.cli.moving;

import atelier.common.error.WrongCommandException;
import atelier.common.file.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Takes another trainer's configuration over as an experiment. */
public final class Import {
    private Import() {}

    /**
     * Reads configurations and writes an experiment, and beside it files of data where the other program kept them in the
     * configuration itself.
     *
     * @param sources files of one program, or its command line; later ones win
     * @param wanted the experiment to write, ending in .conf; null names it after the first file
     * @param root the folder that relative paths in an experiment start from
     * @return what was done, in sentences
     * @throws WrongCommandException when a source cannot be read, is of another kind of model, or a file to be written is
     *     there already
     */
    public static List<String> write(List<String> sources, @Nullable Path wanted, Path root) throws IOException {
        ForeignSettings theirs = ForeignReader.read(sources);
        Translation ours = Translator.translate(theirs);
        Path out = wanted == null ? Path.of(stem(sources.get(0)) + ".conf") : wanted;
        String name = String.valueOf(out.getFileName());
        if (!name.endsWith(".conf")) {
            throw new WrongCommandException("out must end in .conf, got '" + out + "'");
        }
        Map<Path, String> files = new LinkedHashMap<>();
        String prefix = name.replaceFirst("\\.conf$", "");
        ours.files().forEach((file, text) -> {
            Path beside = out.resolveSibling(prefix + "-" + file);
            files.put(beside, text);
            Translation.Line line = ours.lines().get("data.pairs");
            ours.put(
                    "data.pairs",
                    beside.toString(),
                    line == null ? "" : line.remark(),
                    line == null ? new String[0] : line.from().toArray(String[]::new));
        });
        ours.placed(Path.of("").toAbsolutePath(), root.toAbsolutePath());
        files.put(out, ExperimentText.of(theirs, ours, out.toString()));
        for (Path file : files.keySet()) {
            if (Files.exists(file)) {
                throw new WrongCommandException("'" + file + "' is there already; move it, or choose out=OTHER.conf");
            }
        }
        for (Map.Entry<Path, String> file : files.entrySet()) {
            AtomicFile.write(file.getKey(), file.getValue());
        }
        return told(theirs, ours, files.keySet().stream().toList(), out);
    }

    private static List<String> told(ForeignSettings theirs, Translation ours, List<Path> files, Path out) {
        List<String> told = new ArrayList<>();
        told.add(theirs.name() + " of " + theirs.program().title() + ": "
                + theirs.keys().size() + " keys, " + ours.lines().size() + " set here, "
                + ours.withoutCounterpart().size() + " without counterpart");
        ours.withoutCounterpart().forEach(each -> told.add("  " + each.key() + ": " + each.remark()));
        files.forEach(file -> told.add("wrote " + file));
        told.add("start it: scripts/atelier train experiment=" + out);
        return told;
    }

    private static String stem(String source) {
        if (source.contains(" --") || source.startsWith("--")) {
            return "imported";
        }
        String name = source.replaceFirst(".*[/\\\\]", "");
        int dot = name.lastIndexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }
}
