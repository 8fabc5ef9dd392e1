package atelier.inference.draw;

import atelier.diffusion.model.StableDiffusion;
import atelier.inference.request.ImageRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * How many pictures are drawn at once: as many as were asked for, as long as memory suffices. On a CPU the need is reckoned
 * beforehand, since a process that takes too much is killed; on a GPU the number is halved when the memory is found short.
 */
public final class BatchLimit {
    /**
     * Copies of the finest level's activations that a UNet holds at its peak: those kept for the way up are worth about 7, a
     * feed-forward's hidden states and their gate 16, what is joined and convolved the rest.
     */
    private static final long COPIES = 32;

    /** A guided prediction runs two batches side by side. */
    private static final int GUIDED = 2;

    private final Consumer<String> messages;
    private final Supplier<OptionalLong> free;
    private int most;

    BatchLimit(int wanted, Consumer<String> messages) {
        this(wanted, messages, BatchLimit::available);
    }

    /** @param free bytes of memory that may be taken, where that is known */
    public BatchLimit(int wanted, Consumer<String> messages, Supplier<OptionalLong> free) {
        this.most = wanted;
        this.messages = messages;
        this.free = free;
    }

    /** How many of a request's pictures to draw now; at least one. */
    int pictures(StableDiffusion model, ImageRequest request) {
        int wanted = Math.min(most, request.seeds().size());
        if (wanted == 1 || model.kernels().device().isGpu()) {
            return wanted;
        }
        int factor = model.autoencoderConfig().factor();
        long plane = (long) (request.width() / factor) * (request.height() / factor);
        long each =
                plane * model.unetConfig().channels().get(0) * model.precision().bytes() * COPIES * GUIDED;
        return pictures(wanted, each);
    }

    /** @param each bytes that a picture takes */
    public int pictures(int wanted, long each) {
        OptionalLong memory = free.get();
        if (memory.isEmpty() || wanted * each <= memory.getAsLong()) {
            return wanted;
        }
        int fit = (int) Math.max(1, memory.getAsLong() / each);
        messages.accept(String.format(
                Locale.ROOT,
                "batch_size=%d would take about %.1f GiB and %.1f GiB are free: %d at a time",
                wanted,
                gib(wanted * each),
                gib(memory.getAsLong()),
                fit));
        most = fit;
        return fit;
    }

    /** Whether a fault was a lack of memory; from now on half as many are drawn. */
    public boolean exceeded(RuntimeException fault, int pictures) {
        String words = String.valueOf(fault.getMessage()).toLowerCase(Locale.ROOT);
        if (!words.contains("out of memory") && !words.contains("can't allocate memory")) {
            return false;
        }
        most = Math.max(1, pictures / 2);
        messages.accept("memory does not suffice for " + pictures + " pictures at once: " + most + " at a time");
        return true;
    }

    private static double gib(long bytes) {
        return bytes / (double) (1L << 30);
    }

    /** What Linux says can be had without swapping. */
    private static OptionalLong available() {
        try {
            return Files.readAllLines(Path.of("/proc/meminfo")).stream()
                    .filter(line -> line.startsWith("MemAvailable:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")) << 10)
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }
}
