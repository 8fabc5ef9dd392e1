package atelier.cli.moving;

import com.google.common.base.Joiner;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** {@code docs/moving.md}: the tables of keys as a page, both ways. */
public final class MovingPage {
    private static final String HEAD = """
            # Coming from another trainer
            `scripts/atelier import FILE` reads the configuration of another trainer and writes an experiment: each line says which key it comes from, and what has no counterpart is listed with what to do instead.

            ```
            scripts/atelier import ink.toml                                   # sd-scripts: --config_file, or a command line in quotes
            scripts/atelier import ink.json                                   # kohya_ss, OneTrainer, SimpleTuner
            scripts/atelier import ink.yaml out=ink.conf                      # ai-toolkit
            scripts/atelier import "accelerate launch train_network.py --network_dim=16 ..."
            scripts/atelier train experiment=ink.conf
            ```

            Defaults of the other program are written out, since they differ. Where it counts epochs, the images are counted and steps are written. Sets of images that are described in the configuration itself become a `.toml` file beside the experiment. Only Stable Diffusion 1.x, 2.x and XL are taken over.

            One thing cannot be taken over: Atelier trains on images whose licence is stated. Add a column or key `licence`, or, where all images are your own or free to use, set `licence.mode=open`.

            ## Data as it is
            These files of other trainers can be given to `data.pairs` without an import:

            | file | of |
            |---|---|
            | `dataset_config.toml` | sd-scripts: several folders, each with repeats, caption settings and class images. A subset may also say `creator`, `licence`, `source`, `trigger_word`, `loss_weight` and `recursive` |
            | `meta_cap_dd.json` and the like | sd-scripts: captions and tags by image |
            | `concepts.json` | OneTrainer, with masks `NAME-masklabel.png` |
            | a folder with sub-folders `10_name` | sd-scripts and kohya_ss |
            | `.parquet` with images in it | Hugging Face |

            """;

    private MovingPage() {}

    /** The whole page. */
    public static String text() {
        StringBuilder page = new StringBuilder(HEAD);
        page.append("## From Atelier's keys\n| here | ");
        page.append(Joiner.on(" | ").join(titles()))
                .append(" |\n|---|")
                .append("---|".repeat(titles().size()))
                .append('\n');
        names().forEach((ours, theirs) -> page.append("| `")
                .append(ours)
                .append("` | ")
                .append(Joiner.on(" | ").join(theirs))
                .append(" |\n"));
        for (Program program : List.of(
                Program.SD_SCRIPTS, Program.KOHYA_SS, Program.ONETRAINER, Program.AI_TOOLKIT, Program.SIMPLETUNER)) {
            page.append("\n## From ").append(program.title()).append('\n');
            if (program == Program.KOHYA_SS) {
                page.append("Beside the keys of sd-scripts it saves these:\n\n");
            }
            page.append("| key | here | remark |\n|---|---|---|\n");
            for (KeyTable.Row row :
                    KeyTable.of(program, program.tables().get(0)).rows()) {
                page.append("| `")
                        .append(row.key())
                        .append("` | ")
                        .append(here(row))
                        .append(" | ")
                        .append(remark(row))
                        .append(" |\n");
            }
        }
        return page.toString();
    }

    private static List<String> titles() {
        List<String> titles = new ArrayList<>();
        for (Program program : Program.values()) {
            titles.add(program.title());
        }
        return titles;
    }

    /** Keys here, each with what every program calls it. */
    private static Map<String, List<String>> names() {
        Map<String, List<String>> names = new TreeMap<>();
        int column = 0;
        for (Program program : Program.values()) {
            Map<String, List<String>> found = new LinkedHashMap<>();
            for (KeyTable.Row row : KeyTable.of(program).rows()) {
                if (!row.ours().isEmpty() && !row.ours().contains("*")) {
                    found.computeIfAbsent(row.ours(), key -> new ArrayList<>()).add("`" + row.key() + "`");
                }
            }
            for (Map.Entry<String, List<String>> entry : found.entrySet()) {
                List<String> row = names.computeIfAbsent(entry.getKey(), key -> new ArrayList<>());
                while (row.size() < column) {
                    row.add("");
                }
                row.add(String.join(", ", entry.getValue()));
            }
            column++;
        }
        int columns = column;
        names.values().forEach(row -> {
            while (row.size() < columns) {
                row.add("");
            }
        });
        return names;
    }

    private static String here(KeyTable.Row row) {
        return switch (row.how()) {
            case SAME, MAP, RULE -> row.ours().isEmpty() ? "" : "`" + row.ours() + "`";
            case NONE -> "none";
            case UNNEEDED -> "not needed";
        };
    }

    private static String remark(KeyTable.Row row) {
        List<String> parts = new ArrayList<>();
        if (row.how() == KeyTable.How.MAP) {
            List<String> values = new ArrayList<>();
            row.values().forEach((theirs, ours) -> {
                if (!ours.isEmpty() && !ours.equals(theirs)) {
                    values.add(theirs + " is " + ours);
                }
            });
            if (!values.isEmpty()) {
                parts.add(String.join(", ", values));
            }
        } else if (row.how() == KeyTable.How.RULE && row.remark().isEmpty()) {
            parts.add("with others");
        }
        if (!row.otherwise().isEmpty()) {
            parts.add("default there " + row.otherwise());
        }
        if (!row.remark().isEmpty()) {
            parts.add(row.remark());
        }
        return String.join("; ", parts).replace("|", "\\|").replace("<", "&lt;");
    }
}
