package atelier.diffusion.adapter.inspect;

import atelier.diffusion.adapter.file.AdapterFormat;
import atelier.diffusion.adapter.file.AdapterMethod;
import atelier.diffusion.adapter.file.AdapterState;
import atelier.diffusion.adapter.file.ModuleState;
import atelier.diffusion.adapter.math.Deltas;
import atelier.diffusion.weights.name.Component;
import atelier.diffusion.weights.safetensors.TensorSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** An adapter in words. */
final class AdapterReport {
    private AdapterReport() {}

    static List<String> lines(Path path, AdapterState adapter, AdapterFormat format) {
        List<String> lines = new ArrayList<>();
        List<TensorSource> tensors = adapter.modules().values().stream()
                .flatMap(module -> module.tensors().values().stream())
                .toList();
        lines.add(path + " is an adapter for " + base(adapter) + ", in " + format.title());
        if (!adapter.modules().isEmpty()) {
            lines.add("method: " + methods(adapter) + "; " + ranks(adapter) + "; "
                    + Inspector.millions(Inspector.elements(tensors)) + " parameters, " + Inspector.dtypes(tensors));
        }
        for (Component component : adapter.components()) {
            lines.add(component.folder() + ": " + adapter.of(component).size() + " layers");
        }
        if (!adapter.modules().isEmpty()) {
            lines.add("norm of the update by block (Frobenius norm, DoRA's lengths not applied):");
        }
        blocks(adapter)
                .forEach((block, norms) -> lines.add(String.format(
                        Locale.ROOT,
                        "  %-34s %9.4f in %d layers, largest %.4f",
                        block,
                        norms.total(),
                        norms.layers,
                        norms.largest)));
        long ofBase = adapter.modules().values().stream()
                .filter(module -> module.method().isOfBase())
                .count();
        if (ofBase > 0) {
            lines.add("  " + ofBase + " layers' updates depend on the base's weights and are not among them");
        }
        adapter.embeddings()
                .forEach(embedding -> lines.add(
                        "brings the token '" + embedding.token() + "' along, of " + embedding.count() + " vectors"));
        if (!adapter.unread().isEmpty()) {
            lines.add("not read: " + String.join(", ", adapter.unread()));
        }
        Inspector.metadata(lines, adapter.metadata());
        lines.add("loads in: Atelier, " + format.readers());
        return lines;
    }

    private static String base(AdapterState adapter) {
        String architecture = adapter.metadata().getOrDefault("modelspec.architecture", "");
        String version = adapter.metadata().getOrDefault("ss_base_model_version", "");
        if (!architecture.isEmpty() || !version.isEmpty()) {
            return architecture.isEmpty() ? version : architecture.replaceAll("/.*", "");
        }
        OptionalLong width = textWidth(adapter);
        if (width.isEmpty()) {
            return "a base that the file does not name";
        }
        return switch ((int) width.getAsLong()) {
            case 768 -> "Stable Diffusion 1.x (its text states are 768 wide)";
            case 1024 -> "Stable Diffusion 2.x (its text states are 1024 wide)";
            case 2048 -> "Stable Diffusion XL (its text states are 2048 wide)";
            case 1280 -> "Stable Diffusion XL's refiner (its text states are 1280 wide)";
            default -> "a base with text states " + width.getAsLong() + " wide";
        };
    }

    private static OptionalLong textWidth(AdapterState adapter) {
        return adapter.of(Component.UNET).entrySet().stream()
                .filter(entry -> entry.getKey().endsWith("attn2.to_k"))
                .filter(entry -> entry.getValue().method() != AdapterMethod.LOKR)
                .filter(entry -> !entry.getValue().method().isOfBase())
                .mapToLong(entry -> Deltas.naturalShape(entry.getValue())[1])
                .findFirst();
    }

    private static String methods(AdapterState adapter) {
        return adapter.modules().values().stream()
                .map(module -> module.method().title() + (module.decomposed() ? " with DoRA" : ""))
                .collect(Collectors.toCollection(TreeSet::new))
                .stream()
                .collect(Collectors.joining(" and "));
    }

    private static String ranks(AdapterState adapter) {
        String ranks = adapter.ranks().stream().map(String::valueOf).collect(Collectors.joining(", "));
        String alphas = adapter.modules().values().stream()
                .map(ModuleState::alpha)
                .distinct()
                .sorted()
                .map(alpha -> alpha == Math.rint(alpha) ? String.valueOf(alpha.longValue()) : alpha.toString())
                .collect(Collectors.joining(", "));
        return "rank " + ranks + ", alpha " + alphas;
    }

    private static final class Norms {
        private double energy;
        private double largest;
        private int layers;

        private void add(double norm) {
            energy += norm * norm;
            largest = Math.max(largest, norm);
            layers++;
        }

        private double total() {
            return Math.sqrt(energy);
        }
    }

    private static Map<String, Norms> blocks(AdapterState adapter) {
        Map<String, Norms> blocks = new LinkedHashMap<>();
        adapter.modules().forEach((key, module) -> {
            if (!module.method().isOfBase()) {
                blocks.computeIfAbsent(key.block(), absent -> new Norms()).add(Deltas.norm(module));
            }
        });
        return blocks;
    }
}
