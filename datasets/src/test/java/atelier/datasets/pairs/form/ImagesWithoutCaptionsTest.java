package atelier.datasets.pairs.form;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.Pair;
import atelier.datasets.pairs.PairList;
import atelier.datasets.pairs.TextForm;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** data.caption, in every form of pairs. */
class ImagesWithoutCaptionsTest {
    private static final String GARDEN = "a photo of a garden";

    @TempDir
    Path folder;

    @BeforeEach
    void photographs() throws IOException {
        Files.createDirectories(folder.resolve("S\u00fcdfrankreich 2019"));
        for (String name : new String[] {
            "IMG_0001.JPG",
            "Abend im Gr\u00fcnen.jpeg",
            "S\u00fcdfrankreich 2019/100% (2).jpg",
            "IMG_0003.HEIC",
            "IMG_0004.MOV",
            "Thumbs.db",
            ".DS_Store",
            "._IMG_0001.JPG"
        }) {
            Files.writeString(folder.resolve(name), "x");
        }
    }

    private PairList read(Path pairs, @Nullable String caption) throws IOException {
        TextForm form = new TextForm(StandardCharsets.UTF_8, TextForm.CaptionLines.ALTERNATIVES, caption);
        return PairSources.open(pairs, folder, form).read();
    }

    @Test
    void photographsAsACameraLeavesThemHaveTheOneCaption() throws IOException {
        PairList list = read(folder, GARDEN);
        assertThat(list.pairs()).extracting(Pair::caption).containsExactly(GARDEN, GARDEN, GARDEN);
        assertThat(list.findings())
                .extracting(Finding::message)
                .containsExactlyInAnyOrder(
                        "IMG_0003.HEIC: is of a format that is not read; convert it, as by: heif-convert"
                                + " 'IMG_0003.HEIC' 'IMG_0003.png'",
                        "IMG_0004.MOV: is a video and is passed over; save frames of it as PNG",
                        folder.getFileName()
                                + ": 3 images without a caption have that of data.caption; a .txt file beside"
                                + " an image, or the column caption, gives it one of its own");
    }

    @Test
    void anImageWithACaptionKeepsItAndTheEmptyCaptionIsOne() throws IOException {
        Files.writeString(folder.resolve("IMG_0001.txt"), "a rose");
        Files.delete(folder.resolve("IMG_0003.HEIC"));
        assertThat(read(folder, "").pairs()).extracting(Pair::caption).containsExactlyInAnyOrder("", "a rose", "");
        assertThat(read(folder, null).pairs()).hasSize(1);
        assertThat(read(folder, null).errors())
                .extracting(Finding::remedy)
                .containsExactly(
                        "write one, or set data.caption for all that have none",
                        "write one, or set data.caption for all that have none");
    }

    @Test
    void aTableNeedsNoColumnOfCaptions() throws IOException {
        Path csv = Files.writeString(folder.resolve("a.csv"), "image;licence\nIMG_0001.JPG;CC0-1.0\n");
        assertThat(read(csv, GARDEN).pairs()).extracting(Pair::caption).containsExactly(GARDEN);
        assertThat(read(csv, GARDEN).pairs()).extracting(Pair::licence).containsExactly("CC0-1.0");
        assertThatThrownBy(() -> read(csv, null)).hasMessageContaining("has no column 'caption'");
        Path jsonl = Files.writeString(folder.resolve("a.jsonl"), "{\"file_name\": \"IMG_0001.JPG\"}\n");
        assertThat(read(jsonl, GARDEN).pairs()).extracting(Pair::caption).containsExactly(GARDEN);
        Path cells = Files.writeString(
                folder.resolve("b.csv"), "image,caption\nIMG_0001.JPG,\nAbend im Gr\u00fcnen.jpeg,dusk\n");
        assertThat(read(cells, GARDEN).pairs()).extracting(Pair::caption).containsExactly(GARDEN, "dusk");
    }

    @Test
    void parquetAndTarsHaveItToo() throws IOException, SQLException {
        Path parquet = folder.resolve("a.parquet");
        try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                Statement write = connection.createStatement()) {
            write.execute("COPY (SELECT 'IMG_0001.JPG' AS image) TO '" + parquet + "' (FORMAT parquet)");
        }
        assertThat(read(parquet, GARDEN).pairs()).extracting(Pair::caption).containsExactly(GARDEN);
        assertThatThrownBy(() -> read(parquet, null)).hasMessageContaining("have no 'caption'");
        Path tar = folder.resolve("a.tar");
        try (OutputStream file = Files.newOutputStream(tar);
                TarArchiveOutputStream out = new TarArchiveOutputStream(file)) {
            TarArchiveEntry entry = new TarArchiveEntry("1.jpg");
            entry.setSize(1);
            out.putArchiveEntry(entry);
            out.write('x');
            out.closeArchiveEntry();
        }
        assertThat(read(tar, GARDEN).pairs()).extracting(Pair::caption).containsExactly(GARDEN);
    }
}
