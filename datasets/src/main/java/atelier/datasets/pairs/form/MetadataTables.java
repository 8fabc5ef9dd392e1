package atelier.datasets.pairs.form;

import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.Pair;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.TextForm;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Tables within a folder of images, as diffusers' scripts and Hugging Face's imagefolder have them: {@code metadata.jsonl},
 * {@code metadata.csv} or {@code metadata.parquet} at any depth, such as {@code train/metadata.jsonl}. What a table names is
 * relative to its own folder, and it stands for all images below it that no nearer table stands for.
 */
final class MetadataTables {
    private static final List<String> NAMES = List.of("metadata.jsonl", "metadata.csv", "metadata.parquet");

    private final Map<Path, Path> tables = new TreeMap<>();
    private final TextForm form;

    private MetadataTables(TextForm form) {
        this.form = form;
    }

    /** Reads the images that no table stands for. */
    @FunctionalInterface
    interface Rest {
        PairList read(Collection<Path> files) throws IOException;
    }

    /** The tables among a folder's files; of several in one folder the first of the names above. */
    static MetadataTables among(Collection<Path> files, TextForm form) {
        MetadataTables found = new MetadataTables(form);
        for (String name : NAMES) {
            for (Path file : files) {
                if (file.getFileName().toString().equalsIgnoreCase(name)) {
                    found.tables.putIfAbsent(folder(file), file);
                }
            }
        }
        return found;
    }

    boolean isEmpty() {
        return tables.isEmpty();
    }

    /** All tables' pairs, a finding for each image below a table that no row names, and what stands elsewhere. */
    PairList read(Collection<Path> files, Rest rest) throws IOException {
        List<Pair> pairs = new ArrayList<>();
        List<Finding> findings = new ArrayList<>();
        Set<Path> named = new HashSet<>();
        for (Path table : tables.values()) {
            PairList list = rows(table);
            pairs.addAll(list.pairs());
            findings.addAll(list.findings());
        }
        pairs.forEach(pair -> named.add(pair.image().normalize()));
        for (Finding finding : findings) {
            Path image = finding.image();
            if (image != null) {
                named.add(image.normalize());
            }
        }
        List<Path> outside = new ArrayList<>();
        for (Path file : files) {
            if (!hasTable(file)) {
                outside.add(file);
            } else if (ImageNames.isImage(file.getFileName().toString()) && !named.contains(file.normalize())) {
                findings.add(Finding.error(
                        Origin.of(file),
                        file,
                        "is named by no row of the folder's metadata",
                        "add a row or move it away"));
            }
        }
        PairList more = rest.read(outside);
        pairs.addAll(more.pairs());
        findings.addAll(more.findings());
        return new PairList(pairs, findings);
    }

    /** A table that cannot be read at all is a finding where there are others. */
    private PairList rows(Path table) throws IOException {
        try {
            return PairSources.table(table, folder(table), form).read();
        } catch (FindingException e) {
            if (tables.size() == 1) {
                throw e;
            }
            return new PairList(List.of(), List.of(e.finding()));
        }
    }

    private static Path folder(Path file) {
        return Objects.requireNonNull(file.getParent(), "a file within a folder has a parent");
    }

    private boolean hasTable(Path file) {
        for (@Nullable Path above = file.getParent(); above != null; above = above.getParent()) {
            if (tables.containsKey(above)) {
                return true;
            }
        }
        return false;
    }
}
