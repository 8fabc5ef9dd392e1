package atelier.inference.picture;

import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;

/** Pictures side by side, with labels above the columns and beside the rows. */
public final class Grid {
    private static final int GAP = 4;
    private static final int FONT_SIZE = 13;

    private Grid() {}

    /**
     * @param rows pictures of one row each, all of one size; shorter rows leave cells empty
     * @param rowLabels one a row, or none
     * @param columnLabels one a column, or none
     */
    public static BufferedImage of(List<List<BufferedImage>> rows, List<String> rowLabels, List<String> columnLabels) {
        int columns = rows.stream().mapToInt(List::size).max().orElse(0);
        if (columns == 0) {
            throw new IllegalArgumentException("a grid needs at least one picture");
        }
        BufferedImage first = rows.stream()
                .filter(row -> !row.isEmpty())
                .findFirst()
                .orElseThrow()
                .get(0);
        int width = first.getWidth();
        int height = first.getHeight();
        Font font = new Font(Font.SANS_SERIF, Font.PLAIN, FONT_SIZE);
        FontMetrics metrics = metrics(font);
        int left = rowLabels.isEmpty() ? 0 : Math.max(width, 120);
        int lines = columnLabels.stream()
                .mapToInt(label -> wrapped(label, metrics, width).size())
                .max()
                .orElse(0);
        int top = lines * metrics.getHeight() + (lines > 0 ? 2 * GAP : 0);

        BufferedImage grid = new BufferedImage(
                left + columns * (width + GAP) - GAP,
                top + rows.size() * (height + GAP) - GAP,
                BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = grid.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, grid.getWidth(), grid.getHeight());
        graphics.setColor(Color.BLACK);
        graphics.setFont(font);
        for (int column = 0; column < Math.min(columns, columnLabels.size()); column++) {
            write(graphics, wrapped(columnLabels.get(column), metrics, width), left + column * (width + GAP), GAP);
        }
        for (int row = 0; row < rows.size(); row++) {
            int y = top + row * (height + GAP);
            if (row < rowLabels.size()) {
                write(graphics, wrapped(rowLabels.get(row), metrics, left - 2 * GAP), GAP, y + GAP);
            }
            for (int column = 0; column < rows.get(row).size(); column++) {
                graphics.drawImage(rows.get(row).get(column), left + column * (width + GAP), y, null);
            }
        }
        graphics.dispose();
        return grid;
    }

    private static void write(Graphics2D graphics, List<String> lines, int x, int y) {
        FontMetrics metrics = graphics.getFontMetrics();
        for (int i = 0; i < lines.size(); i++) {
            graphics.drawString(lines.get(i), x, y + metrics.getAscent() + i * metrics.getHeight());
        }
    }

    private static List<String> wrapped(String label, FontMetrics metrics, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : label.split("\\s+")) {
            String longer = line.isEmpty() ? word : line + " " + word;
            if (!line.isEmpty() && metrics.stringWidth(longer) > width) {
                lines.add(line.toString());
                line = new StringBuilder(word);
            } else {
                line = new StringBuilder(longer);
            }
        }
        lines.add(line.toString());
        return lines;
    }

    private static FontMetrics metrics(Font font) {
        Graphics2D graphics = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB).createGraphics();
        try {
            return graphics.getFontMetrics(font);
        } finally {
            graphics.dispose();
        }
    }
}
