package atelier.studio.draw;

import atelier.cli.drawing.PlannedDrawing;
import atelier.common.error.WrongCommandException;
import atelier.common.file.Sha256;
import atelier.common.image.Pictures;
import atelier.inference.picture.PictureFile;
import atelier.inference.request.AdapterChoice;
import atelier.inference.request.GenerationPlan;
import atelier.inference.request.GenerationPlan.Job;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Pictures of the same prompt and noise by adapter (rows) and strength (columns). Strength 0, the model without the adapter, is
 * always the first column; it is one picture for all rows.
 *
 * @param rows names of the adapters
 * @param columns strengths, least first
 */
public record GridLayout(List<String> rows, List<Double> columns) {
    private static final int MOST_ROWS = 12;
    private static final int MOST_COLUMNS = 12;

    public GridLayout {
        rows = List.copyOf(rows);
        columns = List.copyOf(columns);
    }

    /**
     * Adds strength 0 and puts the strengths in order.
     *
     * @throws WrongCommandException if there are none, or too many
     */
    static GridLayout of(List<String> adapters, List<Double> strengths) {
        TreeSet<Double> columns = new TreeSet<>(strengths);
        columns.add(0.0);
        if (adapters.isEmpty() || adapters.size() > MOST_ROWS) {
            throw new WrongCommandException(
                    "grid.adapters", "it names " + adapters.size() + " adapters", "name 1 to " + MOST_ROWS);
        }
        if (columns.size() < 2 || columns.size() > MOST_COLUMNS + 1) {
            throw new WrongCommandException(
                    "grid.strengths",
                    "it has " + (columns.size() - 1) + " strengths beside 0",
                    "write 1 to " + MOST_COLUMNS);
        }
        return new GridLayout(adapters, List.copyOf(columns));
    }

    /**
     * The plan of all cells.
     *
     * @param planned with the rows' adapters, in order, before those of the prompt's tags
     */
    PlannedDrawing plan(PlannedDrawing planned) {
        GenerationPlan plan = planned.plan();
        Job first = plan.jobs().get(0);
        if (plan.jobs().size() > 1 || first.seeds().size() > 1) {
            throw new WrongCommandException(
                    "grid", "each cell holds one picture of one prompt", "leave count and adapter_strengths out");
        }
        List<AdapterChoice> varied = first.adapters().subList(0, rows.size());
        List<AdapterChoice> always =
                first.adapters().subList(rows.size(), first.adapters().size());
        List<Job> jobs = new ArrayList<>();
        jobs.add(cell(first, always, 0, 1));
        for (AdapterChoice adapter : varied) {
            for (double strength : columns) {
                if (strength != 0) {
                    List<AdapterChoice> adapters = new ArrayList<>();
                    adapters.add(new AdapterChoice(adapter.file(), adapter.weight() * strength, adapter.blocks()));
                    adapters.addAll(always);
                    jobs.add(cell(first, adapters, strength, jobs.size() + 1));
                }
            }
        }
        return planned.with(RemainingPlan.of(plan, jobs));
    }

    private static Job cell(Job first, List<AdapterChoice> adapters, double strength, int number) {
        return new Job(
                first.prompt(),
                first.negativePrompt(),
                first.seeds(),
                adapters,
                strength,
                first.place(),
                number,
                first.tags());
    }

    /** The number of a cell's picture in the order of drawing. */
    int picture(int row, int column) {
        double strength = columns.get(column);
        if (strength == 0) {
            return 0;
        }
        int others = columns.size() - 1;
        int before = (int)
                columns.subList(0, column).stream().filter(each -> each != 0).count();
        return 1 + row * others + before;
    }

    /**
     * Groups of cells whose pictures have the same pixels, but for the column of strength 0, whose cells are one picture.
     *
     * @param pictures those that are drawn
     * @return cells as {row, column}; row -1 is the picture of strength 0
     */
    List<List<int[]>> equal(List<DrawnPicture> pictures) throws IOException {
        Map<String, List<int[]>> cells = new LinkedHashMap<>();
        for (int row = -1; row < rows.size(); row++) {
            for (int column = 0; column < columns.size(); column++) {
                boolean base = columns.get(column) == 0;
                int picture = picture(Math.max(0, row), column);
                if (base == (row < 0) && picture < pictures.size()) {
                    byte[] pixels = Pictures.of(
                                    PictureFile.read(pictures.get(picture).file()))
                            .rgb();
                    cells.computeIfAbsent(Sha256.of(pixels), key -> new ArrayList<>())
                            .add(new int[] {row, column});
                }
            }
        }
        return cells.values().stream().filter(group -> group.size() > 1).toList();
    }
}
