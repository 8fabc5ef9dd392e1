package atelier.cli.doctor;

import atelier.diffusion.cuda.Gpu;
import atelier.diffusion.cuda.GpuSearch;
import atelier.diffusion.cuda.NvidiaDriver;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Looks at the driver and the cards: a line each, and a line for what a card cannot do. */
final class GpuChecks {
    private static final double GIB = 1L << 30;

    private GpuChecks() {}

    static List<Check> all(GpuSearch search) {
        List<Check> checks = new ArrayList<>(driver(search.driver()));
        if (search.gpus().isEmpty()) {
            checks.add(
                    search.driver().isEmpty() && search.runtimeVersion() == 0
                            ? Check.good("GPU", "none; device=auto takes the CPU")
                            : Check.weak("GPU", "none that PyTorch can use: " + search.cause(), search.remedy()));
        }
        search.gpus().forEach(gpu -> checks.addAll(card(search, gpu)));
        return checks;
    }

    /** The driver alone, where PyTorch does not load. */
    static List<Check> driver() {
        return driver(NvidiaDriver.find());
    }

    private static List<Check> driver(Optional<NvidiaDriver> driver) {
        return driver.map(found -> List.of(
                        Check.good("Driver", "NVIDIA " + found.version() + ": " + String.join(", ", found.cards()))))
                .orElse(List.of());
    }

    private static List<Check> card(GpuSearch search, Gpu gpu) {
        List<Check> checks = new ArrayList<>();
        String name = "cuda:" + gpu.index();
        checks.add(Check.good(
                name,
                String.format(
                        Locale.ROOT,
                        "%s, compute capability %s, %.1f GiB, %.1f GiB free",
                        gpu.name(),
                        gpu.capability(),
                        gpu.totalBytes() / GIB,
                        gpu.freeBytes() / GIB)));
        search.noKernelsFor(gpu).ifPresent(why -> {
            int split = why.indexOf("; ");
            checks.add(Check.bad(name, "no kernels: " + why.substring(0, split), why.substring(split + 2)));
        });
        if (!gpu.computesBf16()) {
            checks.add(Check.weak(
                    name,
                    "compute capability " + gpu.capability() + " emulates bf16, which begins at 8.0",
                    "take model.dtype=fp16"));
        }
        return checks;
    }

    /** 12.6 of 12060. */
    static String cuda(int version) {
        return version / 1000 + "." + version % 1000 / 10;
    }
}
