package atelier.datasets.pairs;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A JSON object a line, as diffusers' {@code metadata.jsonl}: file_name or image, text or caption (or a list of captions),
 * and the columns that a table may have. UTF-8.
 */
public final class CaptionJsonl implements PairSource {
    private final Path file;
    private final Path images;

    /**
     * @param file the lines
     * @param images the folder that relative image paths start from
     */
    public CaptionJsonl(Path file, Path images) {
        this.file = file;
        this.images = images;
    }

    @Override
    public PairList read() throws IOException {
        PairCollector collector = new PairCollector(images);
        long line = 0;
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                line++;
                String object = line == 1 && text.startsWith("\uFEFF") ? text.substring(1) : text;
                if (!object.isBlank()) {
                    collector.begin(new Origin(file, line));
                    JsonFields.put(collector, object);
                    collector.end();
                }
            }
        } catch (CharacterCodingException e) {
            throw Utf8.fault(file, e);
        }
        PairList list = collector.list();
        if (list.pairs().isEmpty() && list.findings().isEmpty()) {
            throw new FindingException(
                    Finding.error(Origin.of(file), null, "is empty", "write one JSON object a line for each image"));
        }
        return list;
    }
}
