package atelier.diffusion.model;

import ai.djl.Device;
import atelier.common.error.WrongCommandException;
import atelier.diffusion.cuda.Gpu;
import atelier.diffusion.cuda.GpuSearch;
import atelier.diffusion.tensor.Precision;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns the key {@code device} into a device that is there. */
public final class Devices {
    private static final Logger LOG = LoggerFactory.getLogger(Devices.class);

    private Devices() {}

    /**
     * The device of a name. Where auto takes the CPU although the machine has an NVIDIA card, a warning says why.
     *
     * @param name auto (a GPU where there is one), cpu, cuda or cuda:N
     * @throws WrongCommandException when it is none of these, or no such GPU is there
     */
    public static Device of(String name) {
        return of(name, GpuSearch::here, LOG::warn);
    }

    static Device of(String name, Supplier<GpuSearch> look, Consumer<String> warns) {
        String wanted = name.toLowerCase(Locale.ROOT);
        if (wanted.equals("cpu")) {
            return Device.cpu();
        } else if (wanted.equals("auto")) {
            return auto(look.get(), warns);
        } else if (wanted.equals("cuda")) {
            return gpu(0, look.get(), name);
        } else if (wanted.matches("cuda:\\d{1,3}")) {
            return gpu(Integer.parseInt(wanted.substring(5)), look.get(), name);
        }
        throw new WrongCommandException("device must be auto, cpu, cuda or cuda:N, got '" + name + "'");
    }

    /**
     * Refuses a precision that the device cannot compute in.
     *
     * @param key what asks for it, for the message
     * @throws WrongCommandException when it cannot
     */
    public static void check(Device device, Precision precision, String key) {
        if (precision == Precision.FP16 && !device.isGpu()) {
            throw new WrongCommandException(
                    key + "=fp16 needs a GPU; on the CPU use bf16 (fast where AVX512-BF16 is there) or fp32");
        }
        if (precision == Precision.INT8 && device.isGpu()) {
            throw new WrongCommandException(key + "=int8 is for the CPU; on a GPU use bf16 or fp16");
        }
    }

    private static Device auto(GpuSearch search, Consumer<String> warns) {
        List<Gpu> gpus = search.gpus();
        if (!gpus.isEmpty() && search.noKernelsFor(gpus.get(0)).isEmpty()) {
            return Device.gpu(0);
        }
        String cards = gpus.isEmpty()
                ? search.driver()
                        .map(driver -> String.join(", ", driver.cards()))
                        .orElse("")
                : gpus.get(0).name();
        if (!cards.isEmpty()) {
            String why = gpus.isEmpty()
                    ? search.cause() + "; " + search.remedy()
                    : search.noKernelsFor(gpus.get(0)).orElseThrow();
            warns.accept("device=auto takes the CPU although this machine has " + cards + ": " + why
                    + ". device=cpu says the same without this warning");
        }
        return Device.cpu();
    }

    private static Device gpu(int index, GpuSearch search, String name) {
        List<Gpu> gpus = search.gpus();
        if (gpus.isEmpty()) {
            throw new WrongCommandException(
                    "device=" + name + " finds no GPU: " + search.cause() + "; " + search.remedy());
        } else if (index >= gpus.size()) {
            throw new WrongCommandException("device=" + name + " asks for GPU " + index + ", and there "
                    + (gpus.size() == 1
                            ? "is one, cuda:0"
                            : "are " + gpus.size() + ", cuda:0 to cuda:" + (gpus.size() - 1)));
        }
        Gpu gpu = gpus.get(index);
        search.noKernelsFor(gpu).ifPresent(why -> {
            throw new WrongCommandException(
                    "device=" + name + " is " + gpu.name() + " of compute capability " + gpu.capability() + ": " + why);
        });
        return Device.gpu(index);
    }
}
