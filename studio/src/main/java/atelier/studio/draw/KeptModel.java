package atelier.studio.draw;

import atelier.cli.drawing.PlannedDrawing;
import atelier.diffusion.model.Devices;
import atelier.diffusion.tensor.Kernels;
import atelier.diffusion.tensor.Precision;
import atelier.diffusion.weights.ModelSource;
import atelier.inference.draw.ModelSession;
import atelier.inference.request.EmbeddingChoice;
import atelier.inference.request.GenerationPlan;
import atelier.inference.safety.SafetyAction;
import atelier.inference.safety.SafetyFilter;
import atelier.inference.safety.SafetySettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The kernels, the model, its adapters and the safety filter, which stay loaded from one drawing to the next as far as the
 * next one wants the same. For use by one thread.
 */
final class KeptModel implements AutoCloseable {
    /** Adapters that are kept read at most: each takes memory. */
    private static final int MOST_ADAPTERS = 32;

    private static final List<String> KERNEL_TEXTS =
            SafetyFilter.kernelTexts(new SafetySettings(SafetyAction.TAG, 0.5));

    private @Nullable String device;
    private @Nullable Kernels kernels;
    private @Nullable Loaded loaded;
    private @Nullable ModelSession session;
    private @Nullable SafetySettings safety;
    private @Nullable SafetyFilter filter;
    private final Map<Path, String> adapters = new HashMap<>();

    /**
     * What a model was loaded as.
     *
     * @param files sizes and times of its files, so that one that has been written anew is loaded anew
     */
    private record Loaded(
            ModelSource source, Precision precision, List<String> files, Map<EmbeddingChoice, String> embeddings) {
        static Loaded of(PlannedDrawing planned) throws IOException {
            GenerationPlan plan = planned.plan();
            List<String> files = new ArrayList<>();
            ModelSource source = planned.source();
            for (Path part : Stream.of(source.path(), source.vae(), source.textEncoder())
                    .filter(Objects::nonNull)
                    .map(Path.class::cast)
                    .toList()) {
                try (Stream<Path> all = Files.walk(part, 2)) {
                    for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                        files.add(file + " " + Files.size(file) + " " + Files.getLastModifiedTime(file));
                    }
                }
            }
            Map<EmbeddingChoice, String> embeddings = new HashMap<>();
            for (EmbeddingChoice choice : plan.embeddings()) {
                embeddings.put(choice, plan.files().others().getOrDefault(choice.file(), ""));
            }
            return new Loaded(source, plan.precision(), files, embeddings);
        }
    }

    /** The model for a drawing, loaded as far as it is not. */
    ModelSession session(PlannedDrawing planned) throws IOException {
        String wantedDevice = planned.settings().device();
        Kernels present = kernels;
        if (present == null || !wantedDevice.equals(device)) {
            close();
            present = Kernels.load(Devices.of(wantedDevice), KERNEL_TEXTS);
            kernels = present;
            device = wantedDevice;
        }
        GenerationPlan plan = planned.plan();
        Loaded wanted = Loaded.of(planned);
        ModelSession open = session;
        if (open == null || !wanted.equals(loaded) || areOthers(plan) || !open.add(plan.adapterSets())) {
            release();
            open = open(planned, present);
            session = open;
            loaded = wanted;
        }
        plan.adapterSets()
                .forEach(set -> set.forEach(choice ->
                        adapters.put(choice.file(), plan.files().others().getOrDefault(choice.file(), ""))));
        return open;
    }

    private static ModelSession open(PlannedDrawing planned, Kernels kernels) throws IOException {
        GenerationPlan plan = planned.plan();
        ModelSession open = ModelSession.openToChange(planned.source(), plan.adapterSets(), kernels, plan.precision());
        boolean swaps = false;
        try {
            swaps = open.add(plan.adapterSets());
        } finally {
            if (!swaps) {
                open.close();
            }
        }
        // Adapters that change more than weights are merged as the model is read, as generate does.
        return swaps ? open : ModelSession.open(planned.source(), plan.adapterSets(), kernels, plan.precision());
    }

    /** Whether an adapter's file has changed since it was read, or too many are read. */
    private boolean areOthers(GenerationPlan plan) {
        return adapters.size() > MOST_ADAPTERS
                || plan.adapterSets().stream().flatMap(List::stream).anyMatch(choice -> {
                    String known = adapters.get(choice.file());
                    return known != null && !known.equals(plan.files().others().get(choice.file()));
                });
    }

    /** The filter for a drawing, after {@link #session}. */
    SafetyFilter filter(PlannedDrawing planned) throws IOException {
        SafetySettings wanted = planned.settings().safety();
        SafetyFilter present = filter;
        if (present == null || !wanted.equals(safety)) {
            if (present != null) {
                filter = null;
                present.close();
            }
            present = SafetyFilter.open(wanted, planned.plan().model(), Objects.requireNonNull(kernels));
            filter = present;
            safety = wanted;
        }
        return present;
    }

    /** Whether a model is in memory. */
    boolean isLoaded() {
        return session != null;
    }

    /** Lets the model go; the kernels stay. */
    void release() {
        adapters.clear();
        loaded = null;
        if (filter != null) {
            filter.close();
            filter = null;
        }
        if (session != null) {
            session.close();
            session = null;
        }
    }

    @Override
    public void close() {
        release();
        if (kernels != null) {
            kernels.close();
            kernels = null;
        }
    }
}
