package atelier.trainer.listen;

import atelier.common.file.AtomicFile;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/** Grids of samples in a run's folder. */
final class SampleFolder {
    private static final int GAP = 6;
    private static final int CAPTION = 18;

    private final Path folder;

    SampleFolder(Path folder) {
        this.folder = folder;
    }

    /** Writes the grid of a step and gives it back. */
    BufferedImage write(long step, List<String> prompts, List<BufferedImage> pictures) throws IOException {
        BufferedImage grid = grid(prompts, List.of(pictures));
        save(grid, String.format(Locale.ROOT, "step-%06d.png", step));
        return grid;
    }

    /** Writes before-after.png: the base's pictures above, the adapted ones below. */
    void writeBeforeAfter(List<String> prompts, List<BufferedImage> before, List<BufferedImage> after)
            throws IOException {
        save(grid(prompts, List.of(before, after)), "before-after.png");
    }

    private static BufferedImage grid(List<String> prompts, List<List<BufferedImage>> rows) {
        int width = 0;
        int height = 0;
        for (BufferedImage picture : rows.get(0)) {
            width = Math.max(width, picture.getWidth());
            height = Math.max(height, picture.getHeight());
        }
        int columns = rows.get(0).size();
        BufferedImage grid = new BufferedImage(
                columns * (width + GAP) + GAP,
                rows.size() * (height + GAP) + GAP + CAPTION,
                BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = grid.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, grid.getWidth(), grid.getHeight());
        graphics.setColor(Color.DARK_GRAY);
        graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 11));
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        for (int column = 0; column < columns; column++) {
            int x = GAP + column * (width + GAP);
            graphics.setClip(x, 0, width, CAPTION);
            graphics.drawString(prompts.get(column), x, CAPTION - 5);
            graphics.setClip(null);
            for (int row = 0; row < rows.size(); row++) {
                graphics.drawImage(rows.get(row).get(column), x, CAPTION + GAP + row * (height + GAP), null);
            }
        }
        graphics.dispose();
        return grid;
    }

    private void save(BufferedImage picture, String name) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(picture, "png", bytes);
        AtomicFile.write(folder.resolve(name), bytes.toByteArray());
    }
}
