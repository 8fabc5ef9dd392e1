package atelier.datasets.pairs.form;

import atelier.common.file.TextFile;
import atelier.datasets.pairs.TextForm;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/** Puts the text of a caption file, or of a JSON file beside an image, into the image's row. */
final class CaptionFile {
    private static final Column CAPTION = new Column(Column.Role.CAPTION, "caption");
    private static final Column ALTERNATIVE = new Column(Column.Role.ALTERNATIVE, "caption");

    private final TextForm form;

    CaptionFile(TextForm form) {
        this.form = form;
    }

    /**
     * The file's text; one that is not in the charset is the row's fault.
     *
     * @param name for messages
     */
    String text(PairCollector collector, String name, byte[] bytes) {
        String text = form.read(bytes);
        if (TextFile.isBroken(text)) {
            collector.fault("its file '" + name + "' " + form.notInEncoding(), form.remedy());
        } else if (!form.encoding().equals(StandardCharsets.UTF_8) && TextFile.isUtf8BeyondAscii(bytes)) {
            collector.looksLikeUtf8(name);
        }
        return text;
    }

    /** Puts the captions of a text that {@link #text} gave. */
    void captions(PairCollector collector, String text) {
        List<String> lines = text.lines().filter(line -> !line.isBlank()).toList();
        if (form.lines() == TextForm.CaptionLines.JOIN && lines.size() > 1) {
            collector.put(CAPTION, lines.stream().map(String::strip).collect(Collectors.joining(" ")));
            return;
        }
        for (int i = 0; i < lines.size(); i++) {
            collector.put(i == 0 ? CAPTION : ALTERNATIVE, lines.get(i));
        }
        if (lines.size() > 1) {
            collector.severalLines();
        }
    }
}
