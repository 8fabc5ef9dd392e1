package atelier.datasets.pairs.form;

import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Origin;
import atelier.datasets.pairs.PairSource;
import atelier.datasets.pairs.TextForm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/** Chooses a source's reader by the form of what the user named. */
public final class PairSources {
    private PairSources() {}

    /** As {@link #open(Path, Path, TextForm)}, with texts in UTF-8 and a caption a line. */
    public static PairSource open(Path pairs, Path images) throws IOException {
        return open(pairs, images, TextForm.plain());
    }

    /**
     * The source that {@code pairs} names: a {@code .csv}, {@code .tsv}, {@code .txt}, {@code .jsonl}, {@code .parquet} or
     * {@code .tar} file, a {@code .toml} or {@code .json} file of other trainers, a folder of tar shards, or a folder of images with sidecar files or with {@code metadata.jsonl},
     * {@code metadata.csv} or {@code metadata.parquet} at any depth.
     *
     * @param pairs the file or folder
     * @param images the folder that relative image paths start from
     * @param form how texts are read
     * @throws FindingException when it does not exist or has no known form
     */
    public static PairSource open(Path pairs, Path images, TextForm form) throws IOException {
        if (Files.isDirectory(pairs)) {
            return openFolder(pairs, form);
        }
        if (!Files.exists(pairs)) {
            throw new FindingException(Finding.error(
                    Origin.of(pairs),
                    null,
                    "'" + pairs + "' does not exist",
                    "set data.pairs to a file or folder of pairs"));
        }
        if (!Files.isReadable(pairs)) {
            throw new FindingException(
                    Finding.error(Origin.of(pairs), null, "'" + pairs + "' may not be read", "change its permissions"));
        }
        return table(pairs, images, form);
    }

    /** The source that a file is. */
    static PairSource table(Path pairs, Path images, TextForm form) throws FindingException {
        return switch (ImageNames.extension(pairs.getFileName().toString())) {
            case "csv", "tsv", "txt" -> new CaptionCsv(pairs, images, form);
            case "jsonl", "ndjson" -> new CaptionJsonl(pairs, images, form);
            case "parquet" -> new CaptionParquet(pairs, images, form);
            case "toml" -> new SetTable(pairs, form);
            case "json" -> JsonDataset.open(pairs, images, form);
            case "tar" -> new WebDataset(pairs, form);
            default ->
                throw new FindingException(Finding.error(
                        Origin.of(pairs),
                        null,
                        "'" + pairs + "' is no known form of pairs",
                        "give a .csv, .tsv, .jsonl, .parquet, .toml, .json or .tar file, or a folder"));
        };
    }

    private static PairSource openFolder(Path folder, TextForm form) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            boolean table = Files.isRegularFile(folder.resolve("metadata.jsonl"))
                    || Files.isRegularFile(folder.resolve("metadata.csv"));
            if (!table
                    && files.anyMatch(f -> f.toString().toLowerCase(Locale.ROOT).endsWith(".tar"))) {
                return new WebDataset(folder, form);
            }
        }
        return new SidecarFolder(folder, form);
    }
}
