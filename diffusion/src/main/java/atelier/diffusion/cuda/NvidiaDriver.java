package atelier.diffusion.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * NVIDIA's driver as the system shows it, whatever PyTorch sees of it.
 *
 * @param version the driver's, such as 550.54.14; "unknown" where nothing says it
 * @param cards names of the cards, at least one
 */
public record NvidiaDriver(String version, List<String> cards) {
    private static final int PATIENCE_SECONDS = 10;
    private static final Pattern VERSION = Pattern.compile("\\b(\\d{3,}\\.\\d+(?:\\.\\d+)?)\\b");

    public NvidiaDriver {
        cards = List.copyOf(cards);
    }

    /** What {@code nvidia-smi} says, or else the kernel module; empty where there is no card. */
    public static Optional<NvidiaDriver> find() {
        return find(Path.of("/proc"), NvidiaDriver::smi);
    }

    /** @param smi gives the output of nvidia-smi --query-gpu=driver_version,name, nothing where it does not answer */
    static Optional<NvidiaDriver> find(Path proc, Supplier<String> smi) {
        List<String> cards = new ArrayList<>();
        String version = "unknown";
        for (String line : smi.get().lines().toList()) {
            String[] fields = line.split(",", 2);
            if (fields.length == 2) {
                version = fields[0].strip();
                cards.add(fields[1].strip());
            }
        }
        return cards.isEmpty() ? module(proc.resolve("driver/nvidia")) : Optional.of(new NvidiaDriver(version, cards));
    }

    private static Optional<NvidiaDriver> module(Path folder) {
        try (Stream<Path> gpus = Files.list(folder.resolve("gpus"))) {
            List<String> cards =
                    gpus.sorted().map(gpu -> model(gpu.resolve("information"))).toList();
            Matcher version = VERSION.matcher(text(folder.resolve("version")));
            return cards.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new NvidiaDriver(version.find() ? version.group(1) : "unknown", cards));
        } catch (IOException | UncheckedIOException e) {
            return Optional.empty();
        }
    }

    private static String model(Path information) {
        return text(information)
                .lines()
                .filter(line -> line.startsWith("Model:"))
                .map(line -> line.substring("Model:".length()).strip())
                .findFirst()
                .orElse("NVIDIA card");
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }

    private static String smi() {
        try {
            Process process = new ProcessBuilder(
                            "nvidia-smi", "--query-gpu=driver_version,name", "--format=csv,noheader")
                    .redirectErrorStream(true)
                    .start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            boolean answered = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
            return answered ? text : "";
        } catch (IOException e) {
            return "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }
}
