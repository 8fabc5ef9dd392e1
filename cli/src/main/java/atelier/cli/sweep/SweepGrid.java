package atelier.cli.sweep;

import atelier.inference.picture.Grid;
import atelier.inference.picture.PictureFile;
import atelier.inference.picture.PictureFormat;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The x/y plot of a sweep: one key's values are columns, all others' make the rows. Where one key alone is swept, its values
 * are rows and the pictures of each run stand side by side.
 */
public final class SweepGrid {
    private SweepGrid() {}

    /**
     * Lays the runs' pictures out in {@code folder/grid.png}; nothing where there are none.
     *
     * @param runs in the sweep's order, the last key fastest
     */
    public static Optional<Path> write(List<SweptRun> runs, Path folder) throws IOException {
        Map<String, List<BufferedImage>> rows = new LinkedHashMap<>();
        List<String> columns = new ArrayList<>();
        for (SweptRun run : runs) {
            int last = lastKey(run.label());
            String row = last < 0 ? run.label() : run.label().substring(0, last);
            String column = last < 0 ? "" : run.label().substring(last + 1);
            List<BufferedImage> pictures = rows.computeIfAbsent(row, absent -> new ArrayList<>());
            for (Path file : run.files()) {
                if (String.valueOf(file.getFileName()).startsWith("grid.")) {
                    continue;
                }
                pictures.add(PictureFile.read(file));
                if (rows.size() == 1 && !column.isEmpty()) {
                    columns.add(column);
                }
            }
        }
        if (rows.values().stream().allMatch(List::isEmpty)) {
            return Optional.empty();
        }
        List<String> labels = rows.size() == 1 && rows.containsKey("") ? List.of() : List.copyOf(rows.keySet());
        Path file = folder.resolve("grid.png");
        PictureFile.write(file, Grid.of(List.copyOf(rows.values()), labels, columns), null, PictureFormat.PNG, 100);
        return Optional.of(file);
    }

    /** The comma before the last swept key; -1 where one key alone is swept. */
    private static int lastKey(String label) {
        int depth = 0;
        int equals = label.lastIndexOf('=');
        for (int i = equals; i >= 0; i--) {
            char c = label.charAt(i);
            depth += c == ']' || c == '}' ? 1 : c == '[' || c == '{' ? -1 : 0;
            if (c == ',' && depth == 0) {
                return i;
            }
        }
        return -1;
    }
}
