package atelier.cli.choice;

import ai.djl.Device;
import atelier.cli.config.Composition;
import atelier.diffusion.cuda.GpuSearch;
import atelier.diffusion.model.Devices;
import atelier.diffusion.unet.UNetConfig;
import atelier.diffusion.vae.AutoencoderConfig;
import atelier.diffusion.weights.Checkpoint;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.DType;
import atelier.trainer.memory.HostMemory;
import atelier.trainer.run.RunCost;
import atelier.trainer.run.TrainingSettings;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Puts values in the place of {@code auto}: by the device, the memory that is free, the model and the data. What is chosen
 * is told with its reason in one line, and stands in the settings that a run saves, so that a resumed run has the same.
 */
public final class ChosenSettings {
    private static final String DTYPE = "model.dtype";
    private static final String PREPACK = "model.prepack";
    private static final String CHECKPOINTING = "train.gradient_checkpointing";
    private static final String RESOLUTION = "data.resolution";
    private static final String RATE = "optimizer.lr";
    private static final String MERGED = "export.merged_dtype";
    /** A model whose first level is narrower is small as the bundled one is: Stable Diffusion's has 320 channels. */
    private static final int NARROW = 256;

    private static final double SMALL_MODEL = 10;
    /** Peak rates for adapters on models of Stable Diffusion's size; small ones take ten times as much. */
    private static final Map<String, Double> RATES = Map.of(
            "adamw", 1e-4,
            "adamw_8bit", 2e-4,
            "schedule_free_adamw", 2e-4,
            "adafactor", 1e-4,
            "muon", 1e-4,
            "lion", 2e-5,
            "sgd", 0.01);

    private final List<String> told = new ArrayList<>();
    private final Function<Composition, TrainingSettings> binds;
    private Composition composition;

    private ChosenSettings(Composition composition, Function<Composition, TrainingSettings> binds) {
        this.composition = composition;
        this.binds = binds;
    }

    /** For commands that draw: the precision. */
    public static Composition forDrawing(Composition asked, Consumer<String> says) {
        ChosenSettings chosen = new ChosenSettings(asked, each -> {
            throw new IllegalStateException("a command that draws trains nothing");
        });
        chosen.dtype(Devices.of(asked.text("device")), false);
        return chosen.end(says);
    }

    /**
     * For training. A model that cannot be opened is left for the command to tell of.
     *
     * @param binds makes the settings record
     * @throws atelier.common.error.WrongCommandException when the device is not there
     */
    public static Composition forTraining(
            Composition asked, Function<Composition, TrainingSettings> binds, Consumer<String> says) {
        ChosenSettings chosen = new ChosenSettings(asked, binds);
        Device device = Devices.of(asked.text("device"));
        boolean full = asked.text("train.full_finetune").equals("true");
        Checkpoint base = chosen.base();
        chosen.name();
        chosen.dtype(device, full);
        if (base != null) {
            chosen.resolution(base);
            chosen.rate(base);
            chosen.merged(base, full);
            chosen.memory(base, device, full);
        }
        return chosen.end(says);
    }

    private Composition end(Consumer<String> says) {
        if (!told.isEmpty()) {
            says.accept("chosen: " + String.join(", ", told));
        }
        return composition;
    }

    private void choose(String key, Object value, String reason) {
        composition = composition.with(key, value, "auto");
        told.add(key + "=" + typed(value) + (reason.isEmpty() ? "" : " (" + reason + ")"));
    }

    private static String typed(Object value) {
        return value instanceof Double number
                ? new BigDecimal(number.toString()).stripTrailingZeros().toPlainString()
                : String.valueOf(value);
    }

    private @Nullable Checkpoint base() {
        try {
            return composition.isNull("model.path") ? null : Checkpoint.open(composition.path("model.path"));
        } catch (IOException | RuntimeException e) {
            return null;
        }
    }

    private void name() {
        if (composition.isAuto(RunName.KEY)) {
            Path runs = composition.path("run.dir");
            choose(RunName.KEY, RunName.free(RunName.of(composition), runs), "after data.pairs");
        }
    }

    private void dtype(Device device, boolean full) {
        if (composition.isAuto(DTYPE)) {
            ComputeChoice choice = full
                    ? new ComputeChoice("fp32", "train.full_finetune trains the weights themselves")
                    : ComputeChoice.on(device);
            choose(DTYPE, choice.dtype(), choice.reason());
        }
    }

    private void resolution(Checkpoint base) {
        if (composition.isAuto(RESOLUTION)) {
            int latents = unet(base).sampleSize();
            int factor =
                    AutoencoderConfig.of(base.component(Component.VAE).config()).factor();
            choose(RESOLUTION, latents * factor, "the model's own");
        }
    }

    private void rate(Checkpoint base) {
        Double rate = RATES.get(composition.text("optimizer.name"));
        if (composition.isAuto(RATE) && rate != null) {
            boolean small = unet(base).channels().get(0) < NARROW;
            choose(RATE, small ? rate * SMALL_MODEL : rate, small ? "a small model" : "");
        }
    }

    private void merged(Checkpoint base, boolean full) {
        if (composition.isAuto(MERGED)) {
            DType own = base.component(Component.UNET)
                    .sources()
                    .values()
                    .iterator()
                    .next()
                    .dtype();
            String type = full ? "fp32" : own == DType.F16 ? "fp16" : own == DType.BF16 ? "bf16" : "fp32";
            choose(MERGED, type, full ? "what is trained" : "the model's own");
        }
    }

    /** The fastest layout of weights that fits, and gradient checkpointing only where none does without. */
    private void memory(Checkpoint base, Device device, boolean full) {
        boolean layouts = composition.isAuto(PREPACK);
        boolean again = composition.isAuto(CHECKPOINTING);
        if (!layouts && !again) {
            return;
        }
        boolean one = device.isGpu() || full || composition.text(DTYPE).equals("fp32");
        List<String> prepacks =
                !layouts ? List.of(composition.text(PREPACK)) : one ? List.of("none") : List.of("all", "fine", "none");
        List<Boolean> checkpointing =
                again ? List.of(false, true) : List.of(Boolean.valueOf(composition.text(CHECKPOINTING)));
        long free = free(device);
        List<MemoryChoice> all = MemoryChoice.all(prepacks, checkpointing);
        MemoryChoice choice = MemoryChoice.first(all, each -> need(each, base, device), free);
        String reason = String.format(
                Locale.ROOT, "%.1f of %.1f GiB that are free", gib(need(choice, base, device)), gib(free));
        tell(with(choice), layouts && !one, again, reason);
    }

    private Composition with(MemoryChoice choice) {
        return composition.with(PREPACK, choice.prepack(), "auto").with(CHECKPOINTING, choice.checkpointing(), "auto");
    }

    private long need(MemoryChoice choice, Checkpoint base, Device device) {
        RunCost cost = RunCost.of(binds.apply(with(choice)), base);
        return device.isGpu() ? cost.card() : cost.memory();
    }

    private void tell(Composition made, boolean layouts, boolean again, String reason) {
        composition = made;
        String checkpoint = made.text(CHECKPOINTING);
        boolean tells = again && checkpoint.equals("true");
        if (layouts) {
            told.add(PREPACK + "=" + made.text(PREPACK) + " (" + reason + ")");
        }
        if (tells) {
            told.add(CHECKPOINTING + "=true" + (layouts ? "" : " (" + reason + ")"));
        }
    }

    private static long free(Device device) {
        return device.isGpu()
                ? GpuSearch.here().gpus().stream()
                        .filter(gpu -> gpu.index() == device.getDeviceId())
                        .mapToLong(gpu -> gpu.freeBytes())
                        .findFirst()
                        .orElse(0)
                : HostMemory.here().freeBytes();
    }

    private static double gib(long bytes) {
        return bytes / (double) (1L << 30);
    }

    private static UNetConfig unet(Checkpoint base) {
        return UNetConfig.of(base.component(Component.UNET).config());
    }
}
