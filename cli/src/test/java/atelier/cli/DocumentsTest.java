package atelier.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The documents at the repository's root and in docs/: what they link to is there, and the README stays short. */
class DocumentsTest {
    private static final Path ROOT = Path.of(System.getProperty("atelier.root"));
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern CODE = Pattern.compile("(?ms)^```.*?^```$");

    static List<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>();
        for (Path folder : List.of(ROOT, ROOT.resolve("docs"))) {
            try (Stream<Path> files = Files.list(folder)) {
                files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(documents::add);
            }
        }
        return documents;
    }

    @ParameterizedTest
    @MethodSource("documents")
    void whatADocumentLinksToIsThere(Path document) throws IOException {
        List<String> broken = new ArrayList<>();
        Matcher links = LINK.matcher(CODE.matcher(Files.readString(document)).replaceAll(""));
        while (links.find()) {
            String link = links.group(1);
            if (!link.matches("[a-z]+:.*") && !holds(document, link)) {
                broken.add(link);
            }
        }
        assertThat(broken)
                .as("links of " + ROOT.relativize(document) + " to files or headings that do not exist")
                .isEmpty();
    }

    private static boolean holds(Path document, String link) throws IOException {
        int hash = link.indexOf('#');
        String path = hash < 0 ? link : link.substring(0, hash);
        Path target = path.isEmpty() ? document : document.resolveSibling(path);
        return Files.exists(target) && (hash < 0 || anchors(target).contains(link.substring(hash + 1)));
    }

    /** The anchors that GitHub gives to headings: lower case, without punctuation, a number behind the second of a name. */
    private static Set<String> anchors(Path document) throws IOException {
        Map<String, Integer> seen = new HashMap<>();
        Set<String> anchors = new TreeSet<>();
        for (String line :
                CODE.matcher(Files.readString(document)).replaceAll("").split("\n", -1)) {
            if (line.matches("#{1,6} .*")) {
                String name = line.replaceFirst("#+ ", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N}_ -]", "")
                        .replace(' ', '-');
                int times = seen.merge(name, 1, Integer::sum);
                anchors.add(times == 1 ? name : name + "-" + (times - 1));
            }
        }
        return anchors;
    }

    @Test
    void everyDocumentIsReachedFromTheReadme() throws IOException {
        Set<Path> reached = new TreeSet<>(Set.of(ROOT.resolve("README.md")));
        List<Path> open = new ArrayList<>(reached);
        while (!open.isEmpty()) {
            Path document = open.remove(0);
            Matcher links = LINK.matcher(Files.readString(document));
            while (links.find()) {
                Path target = document.resolveSibling(links.group(1).replaceFirst("#.*", ""))
                        .normalize();
                if (target.toString().endsWith(".md") && Files.exists(target) && reached.add(target)) {
                    open.add(target);
                }
            }
        }
        try (Stream<Path> files = Files.list(ROOT.resolve("docs"))) {
            assertThat(files.filter(file -> file.toString().endsWith(".md")).collect(Collectors.toSet()))
                    .as("documents that nothing which the README leads to links")
                    .isSubsetOf(reached);
        }
    }

    @Test
    void theReadmeStaysOnTwoScreens() throws IOException {
        assertThat(Files.readAllLines(ROOT.resolve("README.md")))
                .hasSizeLessThanOrEqualTo(90)
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(120));
    }
}
