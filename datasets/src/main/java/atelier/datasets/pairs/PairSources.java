package atelier.datasets.pairs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/** Chooses a source's reader by the form of what the user named. */
public final class PairSources {
    private PairSources() {}

    /**
     * The source that {@code pairs} names: a {@code .csv}, {@code .tsv}, {@code .jsonl}, {@code .parquet} or {@code .tar}
     * file, a folder of tar shards, a folder that holds {@code metadata.jsonl} or {@code metadata.csv}, or a folder of
     * images with sidecar files.
     *
     * @param pairs the file or folder
     * @param images the folder that relative image paths start from
     * @throws FindingException when it does not exist or has no known form
     */
    public static PairSource open(Path pairs, Path images) throws IOException {
        Origin place = Origin.of(pairs);
        if (Files.isDirectory(pairs)) {
            return openFolder(pairs);
        }
        if (!Files.exists(pairs)) {
            throw new FindingException(Finding.error(
                    place, null, "'" + pairs + "' does not exist", "set data.pairs to a file or folder of pairs"));
        }
        if (!Files.isReadable(pairs)) {
            throw new FindingException(
                    Finding.error(place, null, "'" + pairs + "' may not be read", "change its permissions"));
        }
        String name = pairs.getFileName().toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".csv") || name.endsWith(".tsv")) {
            return new CaptionCsv(pairs, images);
        } else if (name.endsWith(".jsonl") || name.endsWith(".ndjson")) {
            return new CaptionJsonl(pairs, images);
        } else if (name.endsWith(".parquet")) {
            return new CaptionParquet(pairs, images);
        } else if (name.endsWith(".tar")) {
            return new WebDataset(pairs);
        }
        throw new FindingException(Finding.error(
                place,
                null,
                "'" + pairs + "' is no known form of pairs",
                "give a .csv, .tsv, .jsonl, .parquet or .tar file, or a folder"));
    }

    private static PairSource openFolder(Path folder) throws IOException {
        for (String name : new String[] {"metadata.jsonl", "metadata.csv"}) {
            Path metadata = folder.resolve(name);
            if (Files.isRegularFile(metadata)) {
                return new MetadataFolder(
                        folder,
                        name.endsWith("csv") ? new CaptionCsv(metadata, folder) : new CaptionJsonl(metadata, folder));
            }
        }
        try (Stream<Path> files = Files.list(folder)) {
            if (files.anyMatch(f -> f.toString().endsWith(".tar"))) {
                return new WebDataset(folder);
            }
        }
        return new SidecarFolder(folder);
    }
}
