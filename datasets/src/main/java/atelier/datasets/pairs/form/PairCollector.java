package atelier.datasets.pairs.form;

import atelier.common.file.TextFile;
import atelier.common.work.InternedValues;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.ImageBytes;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.Pair;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.TextForm;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Puts pairs together from rows of named values, whatever the source: begin a row, put its values, end it. A row that
 * gives no pair leaves a finding instead.
 */
final class PairCollector {
    private static final Pattern ANOTHER_SYSTEM = Pattern.compile("[A-Za-z]:[\\\\/].*|\\\\\\\\.*", Pattern.DOTALL);
    private static final Pattern WHOLE = Pattern.compile("(\\d+)[.,]0{1,2}");

    private final ImageFolder folder;
    private final TextForm form;
    private final List<Pair> pairs = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();
    private final InternedValues<String, String> shared = new InternedValues<>(text -> text);
    private final InternedValues<String, String> others = new InternedValues<>(text -> text);
    private final InternedValues<String, String> sources = new InternedValues<>(text -> text);
    private final InternedValues<String, Place> places = new InternedValues<>(this::place);

    private final Path root;
    private final boolean rows;

    private int withSeveralLines;
    private int likeUtf8;
    private int withoutCaption;
    private Origin origin = Origin.of(Path.of(""));
    private @Nullable String image;
    private @Nullable ImageBytes content;
    private @Nullable String creator;
    private @Nullable String licence;
    private @Nullable String source;
    private double weight = 1;
    private int repeats = 1;
    private @Nullable String fault;
    private String remedy = "";
    private final List<String> captions = new ArrayList<>();
    private final List<String> alternatives = new ArrayList<>();
    private final Map<String, String> extra = new LinkedHashMap<>();

    /** An image by its name: several rows may give captions of one. */
    private record Place(Path path, ImageBytes content, boolean there) {}

    PairCollector(Path images, TextForm form) {
        this(images, form, false);
    }

    private PairCollector(Path images, TextForm form, boolean rows) {
        this.folder = new ImageFolder(images);
        this.root = images;
        this.form = form;
        this.rows = rows;
    }

    /** For rows that describe pictures elsewhere: no image file is looked for, and no caption is missed. */
    static PairCollector ofRows() {
        return new PairCollector(Path.of(""), TextForm.plain(), true);
    }

    void begin(Origin where) {
        origin = where;
        image = null;
        content = null;
        creator = null;
        licence = null;
        source = null;
        weight = 1;
        repeats = 1;
        fault = null;
        captions.clear();
        alternatives.clear();
        extra.clear();
    }

    /** Takes one value of the row; a blank one says nothing. */
    void put(Column column, @Nullable String text) {
        if (text == null || text.isBlank()) {
            return;
        }
        if (TextFile.isBroken(text)) {
            fault("its " + column.name() + " " + form.notInEncoding(), form.remedy());
        }
        switch (column.role()) {
            case IMAGE -> image = text.strip();
            case CAPTION -> captions.add(text.strip());
            case ALTERNATIVE -> alternatives.add(text.strip());
            case CREATOR -> creator = shared.of(text.strip());
            case LICENCE -> licence = shared.of(text.strip());
            case SOURCE -> source = sources.of(text.strip());
            case WEIGHT -> weight = number(column, text.strip());
            case REPEATS -> repeats = count(column, text.strip());
            case EXTRA -> extra.put(column.name(), others.of(text));
        }
    }

    void repeats(int times) {
        repeats = times;
    }

    /** The image's bytes lie in an archive: {@code name} is then only its name. */
    void content(String name, ImageBytes bytes) {
        image = name;
        content = bytes;
    }

    /** Marks the row as unusable for a reason that the source knows. The first reason counts. */
    void fault(String fact, String whatToDo) {
        if (fault == null) {
            fault = fact;
            remedy = whatToDo;
        }
    }

    /** The row's caption file has more than one line, of which the first is the caption. */
    void severalLines() {
        withSeveralLines++;
    }

    /** A file reads as UTF-8 too, though another charset is asked for. */
    void looksLikeUtf8(String name) {
        if (likeUtf8++ == 0) {
            findings.add(Finding.warning(
                    origin,
                    null,
                    "'" + name + "' is UTF-8 by its bytes and is read as "
                            + form.encoding().name(),
                    "look whether data.encoding is right"));
        }
    }

    boolean hasCaption() {
        return !captions.isEmpty() || !alternatives.isEmpty();
    }

    void find(Finding finding) {
        findings.add(finding);
    }

    /** Ends the row: a pair, or a finding that says why there is none. */
    void end() {
        if (rows) {
            describePicture();
        }
        String name = image;
        if (name == null) {
            fault("names no image", "fill the image column or take the row out");
            findings.add(Finding.error(origin, null, said(), remedy));
            return;
        }
        Place place;
        try {
            place = rows
                    ? described(name)
                    : content == null ? places.of(name) : new Place(folder.resolve(name), content, true);
        } catch (InvalidPathException e) {
            fault(
                    "'" + name.replace(TextFile.BROKEN, '?').replace('\0', '?') + "' is no file name",
                    "correct the image column");
            findings.add(Finding.error(origin, null, said(), remedy));
            return;
        }
        captions.addAll(alternatives);
        if (fault == null && !place.there()) {
            if (name.startsWith("http://") || name.startsWith("https://")) {
                fault("'" + name + "' is a URL", "download the image and name the file; the URL belongs in source");
            } else if (ANOTHER_SYSTEM.matcher(name).matches()) {
                fault("'" + name + "' is a place on another system", "write paths relative to data.images");
            } else {
                String other = folder.inOtherCase(name);
                fault(
                        "'" + name + "' does not exist",
                        other == null ? "paths are relative to data.images" : "write '" + other + "', which is there");
            }
        }
        String given = form.caption();
        if (captions.isEmpty() && given == null) {
            fault("'" + name + "' " + PairList.NO_CAPTION, "write one, or set data.caption for all that have none");
        }
        if (fault == null && captions.isEmpty() && given != null) {
            captions.add(given.strip());
            withoutCaption++;
        }
        if (fault != null) {
            findings.add(Finding.error(origin, place.path(), said(), remedy));
            return;
        }
        if (captions.stream().anyMatch(caption -> caption.indexOf('\uFFFD') >= 0)) {
            findings.add(Finding.warning(
                    origin,
                    place.path(),
                    "its caption holds U+FFFD, which an earlier program put for letters that it could not read",
                    "write those letters anew"));
        }
        pairs.add(new Pair(
                place.path(), captions, creator, licence, source, weight, repeats, extra, origin, place.content()));
    }

    PairList list() {
        if (withSeveralLines > 0) {
            findings.add(Finding.note(
                    Origin.of(root),
                    null,
                    withSeveralLines + (withSeveralLines == 1 ? " caption file has" : " caption files have")
                            + " more than one line: the first is the caption, the others are alternatives to it",
                    "data.caption_alternatives=random draws among them, data.caption_lines=join makes one caption of"
                            + " all lines"));
            withSeveralLines = 0;
        }
        if (withoutCaption > 0) {
            findings.add(Finding.note(
                    Origin.of(root),
                    null,
                    withoutCaption
                            + (withoutCaption == 1 ? " image without a caption has" : " images without a caption have")
                            + " that of data.caption",
                    "a .txt file beside an image, or the column caption, gives it one of its own"));
            withoutCaption = 0;
        }
        return new PairList(pairs, findings);
    }

    /** A row's address is where the picture came from; without a name of its own the picture has its row's. */
    private void describePicture() {
        if (image != null && (image.startsWith("http://") || image.startsWith("https://"))) {
            source = source == null ? image : source;
            image = null;
        }
        if (image == null) {
            image = origin.file().getFileName() + "/" + origin.line();
        }
        if (captions.isEmpty() && alternatives.isEmpty()) {
            captions.add("");
        }
    }

    private static Place described(String name) {
        Path path = Path.of(name);
        return new Place(path, ImageBytes.of(path), true);
    }

    private Place place(String name) {
        boolean there = folder.has(name);
        String other = there ? null : folder.otherwise(name);
        Path path = folder.resolve(other == null ? name : other);
        return new Place(path, ImageBytes.of(path), there || other != null);
    }

    private String said() {
        return fault == null ? "" : fault;
    }

    private double number(Column column, String text) {
        try {
            double value = Double.parseDouble(decimalPoint(text));
            if (value >= 0 && !Double.isInfinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            // said below, as for a number out of range
        }
        fault("'" + text + "' in " + column.name() + " is no number from 0 on", "write a factor such as 1 or 0.5");
        return 1;
    }

    /** Many countries' spreadsheets write 0,5; 1,000 may be a thousand or one, so it is left as it is, which is no number. */
    private static String decimalPoint(String text) {
        boolean decimal = text.matches("[+-]?\\d*,\\d+") && !text.matches("[+-]?[1-9]\\d{0,2},\\d{3}");
        return decimal ? text.replace(',', '.') : text;
    }

    private int count(Column column, String text) {
        try {
            Matcher whole = WHOLE.matcher(text);
            int value = Integer.parseInt(whole.matches() ? whole.group(1) : text);
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            // said below, as for a number out of range
        }
        fault("'" + text + "' in " + column.name() + " is no whole number from 0 on", "write a count such as 1 or 10");
        return 1;
    }
}
