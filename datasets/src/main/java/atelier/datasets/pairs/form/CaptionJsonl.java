package atelier.datasets.pairs.form;

import atelier.common.file.TextFile;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.PairSource;
import atelier.datasets.pairs.TextForm;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A JSON object a line, as diffusers' {@code metadata.jsonl}: file_name or image, text or caption (or a list of captions),
 * and the columns that a table may have.
 */
public final class CaptionJsonl implements PairSource {
    private final Path file;
    private final Path images;
    private final TextForm form;

    /**
     * @param file the lines
     * @param images the folder that relative image paths start from
     * @param form their charset
     */
    public CaptionJsonl(Path file, Path images, TextForm form) {
        this.file = file;
        this.images = images;
        this.form = form;
    }

    @Override
    public PairList read() throws IOException {
        PairCollector collector = new PairCollector(images, form);
        long line = 0;
        try (BufferedReader reader = TextFile.marking(Files.newInputStream(file), form.encoding())) {
            for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                line++;
                if (!text.isBlank()) {
                    collector.begin(new Origin(file, line));
                    JsonFields.put(collector, text);
                    collector.end();
                }
            }
        }
        PairList list = collector.list();
        if (list.pairs().isEmpty() && list.findings().isEmpty()) {
            throw new FindingException(
                    Finding.error(Origin.of(file), null, "is empty", "write one JSON object a line for each image"));
        }
        return list;
    }
}
