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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** scripts/atelier in a project of its own, with a Maven and a Java that only say how they were called. */
class LauncherTest {
    private static final String MAVEN = """
        #!/bin/sh
        echo "maven $*" >> "$CALLS"
        [ -z "$BROKEN" ] || exit 1
        profile=cpu module=studio
        for word; do case $word in -Pcuda*) profile=cuda ;; cluster) module=cluster ;; esac; done
        mkdir -p $module/target
        : > $module/target/atelier-$module-0.1.0.jar
        : > $module/target/other.jar
        printf '%s' "$PWD/$module/target/other.jar" > $module/target/class-path-$profile.txt
        if [ $module = cluster ]; then
          : > cluster/target/spark.jar
          printf '%s' "$PWD/cluster/target/spark.jar" > cluster/target/spark-path.txt
        fi
        """;
    private static final String JAVA = """
        #!/bin/sh
        for word; do case $word in -XX:ArchiveClassesAtExit*) exit 0 ;; esac; done
        torch="torch=$PYTORCH_LIBRARY_PATH ($ATELIER_TORCH_RULE) $PYTORCH_VERSION $PYTORCH_FLAVOR $RUST_FLAVOR"
        echo "java $* locale=$LC_ALL/$LANGUAGE threads=$OMP_NUM_THREADS malloc=$MALLOC_TOP_PAD_ $torch in $PWD" >> "$CALLS"
        """;
    /** Has the torch that TORCH names, and a pip that makes one in the folder it is told. */
    private static final String PYTHON = """
        #!/bin/sh
        case "$*" in
          *find_spec*) echo "$TORCH" ;;
          "-m pip --version") [ -z "$NO_PIP" ] ;;
          "-m pip install"*)
            echo "pip $*" >> "$CALLS"
            [ -z "$BROKEN" ] || exit 1
            mkdir -p "$6/torch/lib"
            : > "$6/torch/lib/libtorch_cpu.so"
            : > "$6/torch/lib/libtorch_cuda.so"
            echo "__version__ = '2.7.1+cu126'" > "$6/torch/version.py" ;;
        esac
        """;

    private static final String DRIVER = """
        #!/bin/sh
        [ -n "$CAPABILITY" ] || { echo "NVIDIA-SMI has failed"; exit 9; }
        echo "550.54.14, NVIDIA A10G, $CAPABILITY"
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
        for (Map.Entry<String, String> tool : Map.of(
                        "mvn", MAVEN, "java", JAVA, "python3", PYTHON, "nvidia-smi", DRIVER)
                .entrySet()) {
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
        List.of("JAVA_HOME", "PYTORCH_LIBRARY_PATH", "ATELIER_TORCH", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL")
                .forEach(builder.environment()::remove);
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
                .contains("atelier-studio-0.1.0.jar:" + root.toRealPath() + "/studio/target/other.jar")
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
        Files.delete(root.resolve("studio/target/other.jar"));
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

    /** Field case 3: what Java reads is UTF-8, in containers, cron and systemd too. */
    @ParameterizedTest
    @ValueSource(strings = {"", "C", "POSIX", "tr_TR", "ar_EG.UTF-8", "de_DE@euro", "hi_IN", "nowhere"})
    void theLocaleOfTheCallerIsReplacedByOneInUtf8(String locale) throws Exception {
        Map<String, String> variables =
                Map.of("ATELIER_PROFILE", "cpu", "LC_ALL", locale, "LANG", "C", "LANGUAGE", "tr");
        String word = "prompt=Jos\u00e9 \u00f1and\u00fa \u0905 \u0661";
        assertThat(launch(folder, root.resolve("scripts/atelier"), variables, "generate", word))
                .isZero();
        assertThat(Files.readAllLines(calls).get(1)).contains(word + " locale=").containsPattern("(?i)=C\\.UTF-?8/ ");
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
        assertThat(root.resolve("studio/target/built-cpu")).doesNotExist();
    }

    /** A folder as pip fills it, of a version. */
    private Path torch(String name, String version) throws IOException {
        Path torch = folder.resolve(name).resolve("torch");
        Files.createDirectories(torch.resolve("lib"));
        Files.createFile(torch.resolve("lib/libtorch_cpu.so"));
        if (!version.endsWith("+cpu")) {
            Files.createFile(torch.resolve("lib/libtorch_cuda.so"));
        }
        Files.writeString(torch.resolve("version.py"), "__version__ = '" + version + "'\ndebug = False\n");
        return torch.toRealPath();
    }

    private int cuda(Map<String, String> variables, String... words) throws Exception {
        Map<String, String> all = new HashMap<>(variables);
        all.put("ATELIER_PROFILE", "cuda");
        return launch(folder, root.resolve("scripts/atelier"), all, words);
    }

    private String lastCall() throws IOException {
        List<String> lines = Files.readAllLines(calls);
        return lines.get(lines.size() - 1);
    }

    @Test
    void theTorchThatIsNamedGoesBeforeTheOneThatPythonHas() throws Exception {
        Path named = torch("environment/lib/python3.11/site-packages", "2.7.1+cu126");
        Path other = torch("other", "2.7.1+cu128");
        Map<String, String> both =
                Map.of("ATELIER_TORCH", folder.resolve("environment").toString(), "TORCH", other + "/__init__.py");
        assertThat(cuda(both, "train")).isZero();
        assertThat(lastCall()).contains("torch=" + named + "/lib (ATELIER_TORCH, 2.7.1+cu126) 2.7.1 cu128 cpu");
        assertThat(cuda(Map.of("TORCH", other + "/__init__.py"), "train")).isZero();
        assertThat(lastCall()).contains("torch=" + other + "/lib (python3's torch, 2.7.1+cu128) 2.7.1 cu128 cpu");
    }

    @Test
    void aTorchIsFoundInEveryFolderThatMayBeNamed() throws Exception {
        Path torch = torch("target", "2.7.1+cu126");
        for (Path named : List.of(torch.getParent(), torch, torch.resolve("lib"))) {
            assertThat(cuda(Map.of("ATELIER_TORCH", named.toString()), "train")).isZero();
            assertThat(lastCall()).contains("torch=" + torch + "/lib (ATELIER_TORCH");
        }
        assertThat(cuda(Map.of("PYTORCH_LIBRARY_PATH", torch + "/lib"), "train"))
                .isZero();
        assertThat(lastCall()).contains("(PYTORCH_LIBRARY_PATH, 2.7.1+cu126)");
    }

    @Test
    void aNamedTorchThatCannotServeIsOneErrorWithItsVersion() throws Exception {
        torch("old", "2.6.0+cu124");
        assertThat(cuda(Map.of("ATELIER_TORCH", folder.resolve("old").toString()), "train"))
                .isEqualTo(1);
        assertThat(shown())
                .contains("has torch 2.6.0+cu124, and Atelier needs 2.7.1", "scripts/atelier setup cuda")
                .hasLineCount(1);
        torch("cpu", "2.7.1+cpu");
        assertThat(cuda(Map.of("ATELIER_TORCH", folder.resolve("cpu").toString()), "train"))
                .isEqualTo(1);
        assertThat(shown()).contains("has a torch without CUDA (2.7.1+cpu)");
        assertThat(cuda(Map.of("ATELIER_TORCH", folder.resolve("bin").toString()), "train"))
                .isEqualTo(1);
        assertThat(shown()).contains("holds no torch");
    }

    @Test
    void pythonsTorchOfAnotherVersionIsPassedOverWithANote() throws Exception {
        Path newer = torch("newer", "2.11.0+cu130");
        assertThat(cuda(Map.of("TORCH", newer + "/__init__.py"), "train")).isZero();
        assertThat(shown()).contains("note: " + newer + "/lib has torch 2.11.0+cu130", "scripts/atelier setup cuda");
        assertThat(lastCall()).contains("torch= () 2.7.1 cu128 cpu");
    }

    @Test
    void settingUpInstallsTorchOnceBuildsAndRunsDoctor() throws Exception {
        Map<String, String> card = Map.of("CAPABILITY", "8.6");
        Path launcher = root.resolve("scripts/atelier");
        assertThat(launch(folder, launcher, card, "setup", "cuda")).isZero();
        String place = root.toRealPath() + "/.torch";
        assertThat(shown())
                .contains("Card: NVIDIA A10G, compute capability 8.6, driver 550.54.14")
                .contains("python3 -m pip install --upgrade --target " + place + " torch==2.7.1")
                .contains("PyTorch: 2.7.1+cu126, " + place + "/torch/lib (installed by setup cuda)")
                .contains("Built: profile cuda");
        List<String> lines = Files.readAllLines(calls);
        assertThat(lines.get(0)).startsWith("pip -m pip install");
        assertThat(lines.get(1)).startsWith("maven").contains("-Pcuda");
        assertThat(lines.get(2)).contains("atelier.cli.Atelier doctor", "torch=" + place + "/torch/lib");
        assertThat(launch(folder, launcher, card, "setup", "cuda")).isZero();
        assertThat(launch(folder, launcher, card, "train")).isZero();
        assertThat(lastCall()).contains("torch=" + place + "/torch/lib (installed by setup cuda");
        assertThat(Files.readAllLines(calls))
                .filteredOn(line -> line.startsWith("pip"))
                .hasSize(1);
    }

    @Test
    void settingUpSaysWhatIsMissing() throws Exception {
        Path launcher = root.resolve("scripts/atelier");
        assertThat(launch(folder, launcher, Map.of("CAPABILITY", "12.0"), "setup", "cuda"))
                .isEqualTo(1);
        assertThat(shown()).contains("kernels of CUDA 12.8", "PIP_INDEX_URL", "ATELIER_TORCH");
        assertThat(launch(folder, launcher, Map.of("NO_PIP", "1"), "setup", "cuda"))
                .isEqualTo(1);
        assertThat(shown()).contains("nvidia-smi does not answer", "no pip to install it with");
        assertThat(launch(folder, launcher, Map.of("CAPABILITY", "8.6", "BROKEN", "1"), "setup", "cuda"))
                .isEqualTo(1);
        assertThat(shown()).contains("error: pip did not install it", "Python 3.9 to 3.13");
        assertThat(launch(folder, launcher, Map.of(), "setup")).isEqualTo(2);
        assertThat(shown()).isEqualTo("usage: scripts/atelier setup cuda, or scripts/atelier setup cluster\n");
    }

    @Test
    void clusterSaysHowItIsBuiltAndIsBuiltOnlyWhenAsked() throws Exception {
        Path launcher = root.resolve("scripts/atelier");
        Map<String, String> cpu = Map.of("ATELIER_PROFILE", "cpu");
        assertThat(launch(folder, launcher, cpu, "cluster", "filter")).isEqualTo(2);
        assertThat(shown())
                .startsWith("error: cluster runs on Apache Spark")
                .endsWith("scripts/atelier setup cluster\n");
        assertThat(calls).doesNotExist();
        assertThat(launch(folder, launcher, cpu, "setup", "cluster")).isZero();
        assertThat(Files.readAllLines(calls))
                .singleElement()
                .asString()
                .startsWith("maven")
                .contains("-Pcpu,cluster -pl cluster -am");
        assertThat(launch(folder, launcher, cpu, "cluster", "filter", "out=x")).isZero();
        assertThat(lastCall())
                .contains("atelier-cluster-0.1.0.jar", "cluster/target/spark.jar")
                .contains("--add-opens=java.base/java.nio=ALL-UNNAMED")
                .contains("atelier.cli.Atelier cluster filter out=x");
        assertThat(launch(folder, launcher, cpu, "train")).isZero();
        assertThat(lastCall()).doesNotContain("spark.jar", "--add-opens");
    }
}
