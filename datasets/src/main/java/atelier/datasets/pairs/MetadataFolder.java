package atelier.datasets.pairs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** A folder of images with one {@code metadata.jsonl} or {@code metadata.csv} that names them. */
final class MetadataFolder implements PairSource {
    private final Path folder;
    private final PairSource metadata;

    MetadataFolder(Path folder, PairSource metadata) {
        this.folder = folder;
        this.metadata = metadata;
    }

    /** The metadata's pairs, and a finding for each image of the folder that no row names. */
    @Override
    public PairList read() throws IOException {
        PairList list = metadata.read();
        Set<Path> named = new HashSet<>();
        list.pairs().forEach(p -> named.add(p.image().normalize()));
        list.findings().forEach(f -> {
            Path image = f.image();
            if (image != null) {
                named.add(image.normalize());
            }
        });
        List<Finding> findings = new ArrayList<>(list.findings());
        try (Stream<Path> files = Files.walk(folder)) {
            files.filter(f -> ImageNames.isImage(f.getFileName().toString()))
                    .filter(f -> !named.contains(f.normalize()) && Files.isRegularFile(f))
                    .sorted()
                    .forEach(f -> findings.add(Finding.error(
                            Origin.of(f),
                            f,
                            "is named by no row of the folder's metadata",
                            "add a row or move it away")));
        }
        return new PairList(list.pairs(), findings);
    }
}
