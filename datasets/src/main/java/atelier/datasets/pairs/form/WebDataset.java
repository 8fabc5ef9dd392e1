package atelier.datasets.pairs.form;

import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.ImageBytes;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.Pair;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.PairSource;
import atelier.datasets.pairs.TextForm;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;

/**
 * Tar archives as img2dataset and WebDataset write them: files that share a name up to the first dot are one sample,
 * {@code key.jpg}, {@code key.txt}, {@code key.json}. Images stay in the archive and are read where they lie.
 */
public final class WebDataset implements PairSource {
    private static final int MAX_TEXT = 1 << 20;

    private final Path place;
    private final TextForm form;
    private final CaptionFile captions;

    /**
     * @param place an archive, or a folder of archives
     * @param form how its texts are read
     */
    public WebDataset(Path place, TextForm form) {
        this.place = place;
        this.form = form;
        this.captions = new CaptionFile(form);
    }

    @Override
    public PairList read() throws IOException {
        List<Pair> pairs = new ArrayList<>();
        List<Finding> findings = new ArrayList<>();
        for (Path archive : archives()) {
            PairList list = read(archive);
            pairs.addAll(list.pairs());
            findings.addAll(list.findings());
        }
        return new PairList(pairs, findings);
    }

    private List<Path> archives() throws IOException {
        if (!Files.isDirectory(place)) {
            return List.of(place);
        }
        try (Stream<Path> files = Files.list(place)) {
            return files.filter(f -> f.toString().toLowerCase(Locale.ROOT).endsWith(".tar"))
                    .sorted()
                    .toList();
        }
    }

    private PairList read(Path archive) throws IOException {
        PairCollector collector = new PairCollector(archive, form);
        try (TarFile tar = new TarFile(archive)) {
            Map<String, List<TarArchiveEntry>> samples = new LinkedHashMap<>();
            for (TarArchiveEntry entry : tar.getEntries()) {
                if (entry.isFile()) {
                    samples.computeIfAbsent(key(entry.getName()), k -> new ArrayList<>(3))
                            .add(entry);
                }
            }
            if (samples.isEmpty()) {
                throw new FindingException(Finding.error(
                        Origin.of(archive), null, "holds no files", "make it with key.jpg and key.txt for each image"));
            }
            for (Map.Entry<String, List<TarArchiveEntry>> sample : samples.entrySet()) {
                sample(collector, archive, tar, sample.getKey(), sample.getValue());
            }
        } catch (FindingException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new FindingException(
                    Finding.error(
                            Origin.of(archive),
                            null,
                            "cannot be read as a tar archive: " + e.getMessage(),
                            "make it anew, uncompressed"),
                    e);
        }
        return collector.list();
    }

    private void sample(PairCollector collector, Path archive, TarFile tar, String key, List<TarArchiveEntry> entries)
            throws IOException {
        TarArchiveEntry first = entries.get(0);
        collector.begin(origin(archive, first));
        int images = 0;
        for (TarArchiveEntry entry : entries) {
            String name = entry.getName();
            switch (ImageNames.extension(name)) {
                case "txt", "caption" -> captions.captions(collector, text(tar, entry, collector));
                case "json" -> JsonFields.put(collector, text(tar, entry, collector));
                default -> {
                    if (ImageNames.isImage(name) && images++ == 0) {
                        image(collector, archive, entry);
                    } else if (ImageNames.isImage(name)) {
                        collector.fault("'" + key + "' has more than one image", "give each a key of its own");
                    } else if (ImageNames.isUnread(name)) {
                        collector.fault("'" + name + "' is of a format that is not read", "convert it to PNG or JPEG");
                    }
                }
            }
        }
        if (images == 0) {
            collector.fault("'" + key + "' has no image", "add " + key + ".jpg or remove its other files");
            collector.content(first.getName(), ImageBytes.of(archive));
        } else {
            // A column that names the image elsewhere must not hide the one that is here.
            for (TarArchiveEntry entry : entries) {
                if (ImageNames.isImage(entry.getName())) {
                    image(collector, archive, entry);
                    break;
                }
            }
        }
        collector.end();
    }

    private static Origin origin(Path archive, TarArchiveEntry entry) {
        try {
            return Origin.of(archive.resolve(entry.getName()));
        } catch (InvalidPathException e) {
            return Origin.of(archive);
        }
    }

    private static void image(PairCollector collector, Path archive, TarArchiveEntry entry) {
        if (entry.getSize() > Integer.MAX_VALUE - 8 || entry.isSparse()) {
            collector.fault("'" + entry.getName() + "' is too large to be an image", "take it out of the archive");
            collector.content(entry.getName(), ImageBytes.of(archive));
            return;
        }
        collector.content(entry.getName(), new ImageBytes.Slice(archive, entry.getDataOffset(), (int) entry.getSize()));
    }

    private String text(TarFile tar, TarArchiveEntry entry, PairCollector collector) throws IOException {
        if (entry.getSize() > MAX_TEXT) {
            collector.fault(
                    "'" + entry.getName() + "' has " + entry.getSize() + " bytes", "a caption has at most 1 MiB");
            return "{}";
        }
        try (InputStream in = tar.getInputStream(entry)) {
            return captions.text(collector, entry.getName(), in.readNBytes(MAX_TEXT));
        }
    }

    /** The path up to the first dot of its last part. */
    private static String key(String name) {
        int dot = name.indexOf('.', name.lastIndexOf('/') + 1);
        return dot < 0 ? name : name.substring(0, dot);
    }
}
