package atelier.cli.moving;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes what became of another program's settings as an experiment, with a comment on each line. */
final class ExperimentText {
    /** The order of the groups. */
    private static final List<String> GROUPS = List.of(
            "run",
            "model",
            "device",
            "data",
            "adapter",
            "optimizer",
            "schedule",
            "objective",
            "train",
            "validation",
            "sample",
            "export");

    private static final int WIDTH = 118;

    private ExperimentText() {}

    static String of(ForeignSettings theirs, Translation ours, String fileName) {
        String program = theirs.program().title();
        List<String> lines = new ArrayList<>();
        lines.add("# " + theirs.name() + " of " + program + ", taken over. Start it: scripts/atelier train experiment="
                + fileName);
        lines.add("# Each line says where it comes from; what has no counterpart stands at the end.");
        lines.add("defaults = [ {override recipe: own}, {override model: own}, {override data: folder}, _self_ ]");
        lines.add("");
        lines.add(
                "# Atelier trains on images with a stated licence only: a column or key 'licence', or, where all images");
        lines.add("# are your own or free to use, this line without its sign.");
        lines.add("# licence.mode = open");
        Map<Integer, List<String>> groups = new TreeMap<>();
        ours.lines().forEach((key, line) -> {
            String group = key.contains(".") ? key.substring(0, key.indexOf('.')) : key;
            List<String> block = groups.computeIfAbsent(GROUPS.indexOf(group), k -> new ArrayList<>());
            block.add("# " + reason(program, key, line));
            block.add(key + " = " + line.value());
        });
        groups.values().forEach(block -> {
            lines.add("");
            lines.addAll(block);
        });
        list(lines, "No counterpart:", ours.withoutCounterpart());
        list(lines, "Not needed:", ours.unneeded());
        return String.join("\n", lines) + "\n";
    }

    private static String reason(String program, String key, Translation.Line line) {
        String remark = line.remark();
        if (line.from().isEmpty()) {
            return remark.isEmpty() ? "default of " + program : remark;
        }
        String name = key.substring(key.lastIndexOf('.') + 1);
        String from = String.join(", ", line.from());
        boolean same = line.from().size() == 1 && (from.equals(name) || from.endsWith("." + name));
        String how = same ? "taken over" : from;
        return remark.isEmpty() ? (same ? how : "same as " + how) : how + ": " + remark;
    }

    private static void list(List<String> lines, String title, List<Translation.Without> keys) {
        if (keys.isEmpty()) {
            return;
        }
        lines.add("");
        lines.add("# " + title);
        for (Translation.Without each : keys) {
            String value = each.value().replaceAll("\\s+", " ");
            String shown = value.length() > WIDTH / 2 ? value.substring(0, WIDTH / 2) + "..." : value;
            lines.add("#   " + each.key() + (shown.isEmpty() ? "" : " = " + shown)
                    + (each.remark().isEmpty() ? "" : ": " + each.remark()));
        }
    }
}
