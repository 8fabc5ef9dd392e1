package atelier.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** scripts/atelier in a project of its own, with a Maven and a Java that only say how they were called. */
class LauncherTest {
    private static final String MAVEN = """
            #!/bin/sh
            echo "maven $*" >> "$CALLS"
            [ -z "$BROKEN" ] || exit 1
            mkdir -p cli/target
            : > cli/target/atelier-cli-0.1.0.jar
            : > cli/target/other.jar
            printf '%s' "$PWD/cli/target/other.jar" > cli/target/class-path-${ATELIER_PROFILE:-cpu}.txt
            """;
    private static final String JAVA = """
            #!/bin/sh
            for word; do [ "$word" != doctor ] || exit 0; done
            echo "java $* threads=$OMP_NUM_THREADS malloc=$MALLOC_TOP_PAD_ in $PWD" >> "$CALLS"
            """;

    @TempDir
    Path folder;

    private Path root;
    private Path calls;

    @BeforeEach
    void makeProject() throws IOException {
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "bash");
        root = Files.createDirectories(folder.resolve("project with space"));
        calls = folder.resolve("calls");
        Files.createDirectories(root.resolve("scripts"));
        Files.createDirectories(root.resolve("cli/src/main"));
        Files.createFile(root.resolve("pom.xml"));
        Files.createFile(root.resolve("cli/pom.xml"));
        Files.copy(
                Path.of(System.getProperty("atelier.root")).resolve("scripts/atelier"),
                root.resolve("scripts/atelier"));
        executable(root.resolve("scripts/atelier"));
        for (Map.Entry<String, String> tool : Map.of("mvn", MAVEN, "java", JAVA).entrySet()) {
            Path file = folder.resolve("bin").resolve(tool.getKey());
            Files.createDirectories(file.getParent());
            Files.writeString(file, tool.getValue());
            executable(file);
        }
    }

    private static void executable(Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private int launch(Path from, Path launcher, Map<String, String> variables, String... words)
            throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(launcher.toString());
        builder.command().addAll(List.of(words));
        builder.directory(from.toFile());
        builder.redirectErrorStream(true).redirectOutput(folder.resolve("shown").toFile());
        builder.environment().remove("JAVA_HOME");
        builder.environment().put("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"));
        builder.environment().put("CALLS", calls.toString());
        builder.environment().putAll(variables);
        Process process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private String shown() throws IOException {
        return Files.readString(folder.resolve("shown"), StandardCharsets.UTF_8);
    }

    @Test
    void itBuildsOnceAndAgainWhenASourceIsNewer() throws Exception {
        Path launcher = root.resolve("scripts/atelier");
        Map<String, String> cpu = Map.of("ATELIER_PROFILE", "cpu");
        assertThat(launch(folder, launcher, cpu, "train", "train.steps=5", "prompt=a b"))
                .isZero();
        assertThat(launch(folder, launcher, cpu, "train")).isZero();
        List<String> first = Files.readAllLines(calls);
        assertThat(first).hasSize(3);
        assertThat(first.get(0)).startsWith("maven").contains("-Pcpu");
        assertThat(first.get(1))
                .contains("-Datelier.root=" + root.toRealPath())
                .contains("atelier-cli-0.1.0.jar:" + root.toRealPath() + "/cli/target/other.jar")
                .contains("atelier.cli.Atelier train train.steps=5 prompt=a b")
                .contains("malloc=16777216")
                .endsWith("in " + folder.toRealPath());

        Path source = Files.createFile(root.resolve("cli/src/main/New.java"));
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(2)));
        assertThat(launch(folder, launcher, cpu, "train")).isZero();
        assertThat(Files.readAllLines(calls).get(3)).startsWith("maven");
    }

    @Test
    void aJarThatWasCleanedAwayMakesItBuild() throws Exception {
        Map<String, String> cpu = Map.of("ATELIER_PROFILE", "cpu");
        launch(folder, root.resolve("scripts/atelier"), cpu, "train");
        Files.delete(root.resolve("cli/target/other.jar"));
        launch(folder, root.resolve("scripts/atelier"), cpu, "train");
        assertThat(Files.readAllLines(calls))
                .filteredOn(line -> line.startsWith("maven"))
                .hasSize(2);
    }

    @Test
    void itIsFoundThroughASymbolicLink() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), root.resolve("scripts/atelier"));
        assertThat(launch(root.resolve("cli"), link, Map.of("ATELIER_PROFILE", "cpu"), "doctr"))
                .isZero();
        assertThat(Files.readAllLines(calls).get(1)).contains("-Datelier.root=" + root.toRealPath());
    }

    @Test
    void theProfileAndTheUsersOwnSettingsArePassedOn() throws Exception {
        Map<String, String> own =
                Map.of("ATELIER_PROFILE", "cuda", "OMP_NUM_THREADS", "7", "ATELIER_JAVA_OPTS", "-Xmx3g -Da=b");
        assertThat(launch(folder, root.resolve("scripts/atelier"), own, "train"))
                .isZero();
        List<String> lines = Files.readAllLines(calls);
        assertThat(lines.get(0)).contains("-Pcuda");
        assertThat(lines.get(1)).contains("-Xmx3g -Da=b").contains("threads=7");
    }

    @Test
    void aWrongProfileAndABrokenBuildAreSaidInOneLine() throws Exception {
        Path launcher = root.resolve("scripts/atelier");
        assertThat(launch(folder, launcher, Map.of("ATELIER_PROFILE", "tpu"), "train"))
                .isEqualTo(2);
        assertThat(shown()).isEqualTo("error: ATELIER_PROFILE is 'tpu'; it must be cpu or cuda\n");
        Map<String, String> broken = Map.of("ATELIER_PROFILE", "cpu", "BROKEN", "1");
        assertThat(launch(folder, launcher, broken, "train")).isEqualTo(1);
        assertThat(shown()).contains("error: the build failed");
        assertThat(root.resolve("cli/target/built-cpu")).doesNotExist();
    }
}
