package atelier.datasets.decode;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.common.image.Pixels;
import atelier.datasets.pairs.FindingException;
import atelier.datasets.pairs.Origin;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Field case 22: the forms that scripts/conformance/datasets/forms.py makes, each right or refused by name. */
class FormsTest {
    /** In steps of 255, of any sample. */
    private static final int MOST = 2;

    private static Map<String, byte[]> files() throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        try (InputStream in = Files.newInputStream(Golden.file("forms.zip"));
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                files.put(entry.getName(), zip.readAllBytes());
            }
        }
        return files;
    }

    @ParameterizedTest
    @ValueSource(strings = {".tif", ".jpg", ".png", ".bmp", ".gif", ".webp"})
    void everyFormIsRightOrRefusedByName(String ending) throws IOException {
        Map<String, byte[]> files = files();
        List<String> faults = new ArrayList<>();
        int count = 0;
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            String name = file.getKey();
            if (name.endsWith(ending)) {
                count++;
                String fault = fault(name, file.getValue(), files);
                if (!fault.isEmpty()) {
                    faults.add(name + " " + fault);
                }
            }
        }
        assertThat(faults).isEmpty();
        assertThat(count).isPositive();
    }

    /** What is wrong with the way a file is decoded; empty where nothing is. */
    private static String fault(String name, byte[] bytes, Map<String, byte[]> files) {
        byte[] refused = files.get(name + ".refused");
        Pixels pixels;
        try {
            pixels = new ImageDecoder(DecodeSettings.plain()).decode(bytes, Origin.of(Path.of(name)), Path.of(name));
        } catch (FindingException e) {
            boolean named = refused != null && e.getMessage().contains(new String(refused, StandardCharsets.UTF_8));
            return named ? "" : e.getMessage();
        }
        if (refused != null) {
            return "is decoded";
        }
        int difference = Golden.largestDifference(pixels, Golden.ppm(files.get(name + ".ppm")));
        return difference <= MOST ? "" : "differs by " + difference;
    }

    @Test
    void theSameFilesAreFoundWithWhateverTheirNamesSay() throws IOException {
        Map<String, byte[]> files = files();
        Path other = Path.of("picture.png");
        Pixels pixels = new ImageDecoder(DecodeSettings.plain())
                .decode(files.get("webp-moving-lossy.webp"), Origin.of(other), other);
        assertThat(pixels.width()).isEqualTo(33);
    }
}
