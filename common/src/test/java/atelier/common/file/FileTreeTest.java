package atelier.common.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileTreeTest {
    @TempDir
    Path folder;

    @Test
    void aFolderGoesWithAllBelowItAndALinkAlone() throws IOException {
        Path kept = Files.writeString(folder.resolve("kept"), "whole");
        Path gone = Files.createDirectories(folder.resolve("gone/inner"));
        Files.createSymbolicLink(gone.resolve("link"), kept);
        Files.createSymbolicLink(folder.resolve("other"), folder.resolve("gone"));
        FileTree.delete(folder.resolve("other"));
        assertThat(gone).exists();
        FileTree.delete(folder.resolve("gone"));
        FileTree.delete(folder.resolve("gone"));
        assertThat(folder.resolve("gone")).doesNotExist();
        assertThat(kept).hasContent("whole");
    }

    @Test
    void whatIsFoundIsInOrder() throws IOException {
        Files.createDirectories(folder.resolve("b/a.txt"));
        Files.writeString(folder.resolve("b/c.txt"), "");
        Files.writeString(folder.resolve("a.txt"), "");
        assertThat(FileTree.find(folder, each -> each.toString().endsWith(".txt")))
                .extracting(each -> FileTree.below(folder, each))
                .containsExactly("a.txt", "b/a.txt", "b/c.txt");
    }
}
