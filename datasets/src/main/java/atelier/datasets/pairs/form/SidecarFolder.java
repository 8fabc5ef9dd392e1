package atelier.datasets.pairs.form;

import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.ImageBytes;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.PairSource;
import atelier.datasets.pairs.TextForm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A folder, with all below it, of images beside files of the same name that describe them: {@code .txt} or {@code
 * .caption} with a caption a line (the first is the main one), {@code .json} with the columns that a table may have. Upper
 * and lower case of these endings do not matter.
 *
 * <p>{@code NAME-masklabel.png} beside {@code NAME.jpg} is its mask, as OneTrainer has it.
 *
 * <p>Within a folder named {@code 10_name}, as sd-scripts has it, every image repeats 10 times, and {@code name} is the
 * caption of an image that has none; see {@link RepeatFolders}. In name order, so that the list is the same everywhere. A
 * part of the folder that has a table of its own, {@code train/metadata.jsonl}, is read by {@link MetadataTables}.
 */
public final class SidecarFolder implements PairSource {
    private static final Column CAPTION = new Column(Column.Role.CAPTION, "caption");
    private static final Column MASK = new Column(Column.Role.EXTRA, "mask");
    private static final String MASK_LABEL = "-masklabel";
    private static final Set<String> SIDECARS = Set.of("txt", "caption", "json");

    private final Path folder;
    private final TextForm form;
    private final CaptionFile captions;

    public SidecarFolder(Path folder, TextForm form) {
        this.folder = folder;
        this.form = form;
        this.captions = new CaptionFile(form);
    }

    @Override
    public PairList read() throws IOException {
        PairCollector collector = new PairCollector(folder, form);
        Collection<Path> files = FolderFiles.of(folder, collector::find);
        MetadataTables tables = MetadataTables.among(files, form);
        PairList list = tables.isEmpty()
                ? sidecars(collector, files)
                : tables.read(files, outside -> sidecars(collector, outside));
        if (list.pairs().isEmpty() && list.errors().isEmpty()) {
            throw new FindingException(Finding.error(
                    Origin.of(folder),
                    null,
                    "'" + folder + "' holds no images",
                    "put images with .txt captions into it"));
        }
        return list;
    }

    private PairList sidecars(PairCollector collector, Collection<Path> files) throws IOException {
        Map<String, Path> beside = new HashMap<>();
        for (Path file : files) {
            String extension = ImageNames.extension(file.getFileName().toString());
            if (SIDECARS.contains(extension) || extension.equals(form.extension())) {
                beside.putIfAbsent(ImageNames.stem(file.toString()) + "." + extension, file);
            }
        }
        RepeatFolders repeats = new RepeatFolders(folder);
        Set<String> stems = new HashSet<>();
        Map<String, Path> masks = masks(files);
        Set<Path> notPictures = new HashSet<>(masks.values());
        for (Path file : files) {
            String name = file.getFileName().toString();
            if (notPictures.contains(file)) {
                stems.add(ImageNames.stem(file.toString()));
            } else if (ImageNames.isImage(name)) {
                stems.add(ImageNames.stem(file.toString()));
                image(collector, beside, masks, repeats.of(file), file);
            } else if (ImageNames.isUnread(name)) {
                stems.add(ImageNames.stem(file.toString()));
                collector.find(Finding.error(
                        Origin.of(file), file, "is of a format that is not read", ImageNames.conversion(name)));
            } else if (ImageNames.isVideo(name)) {
                stems.add(ImageNames.stem(file.toString()));
                collector.find(Finding.note(
                        Origin.of(file), null, "is a video and is passed over", "save frames of it as PNG"));
            }
        }
        for (Path file : beside.values().stream().sorted().toList()) {
            if (!stems.contains(ImageNames.stem(file.toString()))) {
                collector.find(Finding.warning(
                        Origin.of(file), null, "describes no image of its name", "add the image or remove the file"));
            }
        }
        repeats.tell(collector::find);
        return collector.list();
    }

    /** Masks as OneTrainer names them, {@code NAME-masklabel.png} beside {@code NAME.jpg}, by the stem of their image. */
    private static Map<String, Path> masks(Collection<Path> files) {
        Map<String, Path> named = new HashMap<>();
        for (Path file : files) {
            String stem = ImageNames.stem(file.toString());
            if (stem.endsWith(MASK_LABEL)
                    && ImageNames.isImage(file.getFileName().toString())) {
                named.put(stem.substring(0, stem.length() - MASK_LABEL.length()), file);
            }
        }
        Map<String, Path> found = new HashMap<>();
        if (named.isEmpty()) {
            return found;
        }
        for (Path file : files) {
            Path mask = named.get(ImageNames.stem(file.toString()));
            if (mask != null && ImageNames.isImage(file.getFileName().toString())) {
                found.put(ImageNames.stem(file.toString()), mask);
            }
        }
        return found;
    }

    private void image(
            PairCollector collector,
            Map<String, Path> beside,
            Map<String, Path> masks,
            RepeatFolders.@Nullable Repeats repeats,
            Path file)
            throws IOException {
        collector.begin(Origin.of(file));
        String stem = ImageNames.stem(file.toString());
        for (String extension : form.extension().isEmpty() ? List.of("txt", "caption") : List.of(form.extension())) {
            Path text = beside.get(stem + "." + extension);
            if (text != null && !collector.hasCaption()) {
                captions.captions(collector, text(collector, text));
            }
        }
        Path json = beside.get(stem + ".json");
        if (json != null) {
            JsonFields.put(collector, text(collector, json));
        }
        Path mask = masks.get(stem);
        if (mask != null) {
            collector.put(MASK, folder.relativize(mask).toString());
        }
        if (repeats != null) {
            collector.repeats(repeats.repeats());
            if (!collector.hasCaption() && !repeats.name().isBlank()) {
                collector.put(CAPTION, repeats.name());
                collector.find(Finding.warning(
                        Origin.of(file),
                        file,
                        "has no caption file, so its folder's name '" + repeats.name() + "' is its caption",
                        "write a .txt file beside it if that is not meant"));
            }
        }
        collector.content(folder.relativize(file).toString(), ImageBytes.of(file));
        collector.end();
    }

    private String text(PairCollector collector, Path file) throws IOException {
        return captions.text(collector, file.getFileName().toString(), Files.readAllBytes(file));
    }
}
