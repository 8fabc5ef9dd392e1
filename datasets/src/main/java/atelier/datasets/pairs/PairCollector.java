package atelier.datasets.pairs;

import atelier.common.work.InternedValues;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts pairs together from rows of named values, whatever the source: begin a row, put its values, end it. A row that
 * gives no pair leaves a finding instead.
 */
final class PairCollector {
    private final ImageFolder folder;
    private final List<Pair> pairs = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();
    private final InternedValues<String, String> shared = new InternedValues<>(text -> text);
    private final InternedValues<String, String> sources = new InternedValues<>(text -> text);
    private final InternedValues<String, Place> places = new InternedValues<>(this::place);

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

    PairCollector(Path images) {
        this.folder = new ImageFolder(images);
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
        switch (column.role()) {
            case IMAGE -> image = text.strip();
            case CAPTION -> captions.add(text.strip());
            case ALTERNATIVE -> alternatives.add(text.strip());
            case CREATOR -> creator = shared.of(text.strip());
            case LICENCE -> licence = shared.of(text.strip());
            case SOURCE -> source = sources.of(text.strip());
            case WEIGHT -> weight = number(column, text.strip());
            case REPEATS -> repeats = count(column, text.strip());
            case EXTRA -> extra.put(column.name(), shared.of(text));
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

    boolean hasCaption() {
        return !captions.isEmpty() || !alternatives.isEmpty();
    }

    void find(Finding finding) {
        findings.add(finding);
    }

    /** Ends the row: a pair, or a finding that says why there is none. */
    void end() {
        String name = image;
        if (name == null) {
            fault("names no image", "fill the image column or take the row out");
            findings.add(Finding.error(origin, null, said(), remedy));
            return;
        }
        Place place;
        try {
            place = content == null ? places.of(name) : new Place(folder.resolve(name), content, true);
        } catch (InvalidPathException e) {
            findings.add(Finding.error(origin, null, "'" + name + "' is no file name", "correct the image column"));
            return;
        }
        captions.addAll(alternatives);
        if (fault == null && !place.there()) {
            if (name.startsWith("http://") || name.startsWith("https://")) {
                fault("'" + name + "' is a URL", "download the image and name the file; the URL belongs in source");
            } else {
                fault("'" + name + "' does not exist", "paths are relative to data.images");
            }
        }
        if (captions.isEmpty()) {
            fault("'" + name + "' has no caption", "write one, or take the image out");
        }
        if (fault != null) {
            findings.add(Finding.error(origin, place.path(), said(), remedy));
            return;
        }
        pairs.add(new Pair(
                place.path(), captions, creator, licence, source, weight, repeats, extra, origin, place.content()));
    }

    PairList list() {
        return new PairList(pairs, findings);
    }

    private Place place(String name) {
        Path path = folder.resolve(name);
        return new Place(path, ImageBytes.of(path), folder.has(name));
    }

    private String said() {
        return fault == null ? "" : fault;
    }

    private double number(Column column, String text) {
        try {
            double value = Double.parseDouble(text);
            if (value >= 0 && !Double.isInfinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            // said below, as for a number out of range
        }
        fault("'" + text + "' in " + column.name() + " is no number from 0 on", "write a factor such as 1 or 0.5");
        return 1;
    }

    private int count(Column column, String text) {
        try {
            int value = Integer.parseInt(text);
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
