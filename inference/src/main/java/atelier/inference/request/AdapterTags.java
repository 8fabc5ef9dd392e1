package atelier.inference.request;

import atelier.common.error.WrongCommandException;
import atelier.common.file.FileTree;
import atelier.diffusion.adapter.math.BlockStrength;
import atelier.diffusion.weights.safetensors.SafetensorsFile;
import atelier.diffusion.weights.safetensors.WeightsException;
import atelier.inference.prompt.NearNames;
import atelier.inference.prompt.PromptTag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The adapters that prompts name as AUTOMATIC1111's do: {@code <lora:name:weight>}, {@code
 * <lora:name:text encoder's weight:UNet's weight>}, or with {@code te=} and {@code unet=}.
 */
final class AdapterTags {
    private static final Set<String> KINDS = Set.of("lora", "lyco");
    private static final String HERE = "./";
    private static final String FOLDER_WEIGHTS = "adapter_model.safetensors";

    private final List<Path> given;
    private final @Nullable Path folder;
    private final List<BlockStrength> blocks;

    /**
     * @param given files that may be named beside those of the folder
     * @param folder looked through with all below it; null for none
     * @param blocks factors of all adapters in parts of the model
     */
    AdapterTags(List<Path> given, @Nullable Path folder, List<BlockStrength> blocks) {
        this.given = List.copyOf(given);
        this.folder = folder;
        this.blocks = List.copyOf(blocks);
    }

    /** Whether a tag asks for an adapter. */
    static boolean isAdapter(PromptTag tag) {
        return KINDS.contains(tag.kind());
    }

    /** Whether there is anywhere to look. */
    boolean hasPlaces() {
        return folder != null || !given.isEmpty();
    }

    /**
     * The adapters of a prompt's tags, in order.
     *
     * @param place where the prompt stands, for messages
     * @throws WrongCommandException if a tag asks for something else, or for no adapter or several
     */
    List<AdapterChoice> adapters(List<PromptTag> tags, String place) throws IOException {
        List<AdapterChoice> adapters = new ArrayList<>();
        for (PromptTag tag : tags) {
            if (!isAdapter(tag)) {
                throw new WrongCommandException(place + " has " + tag + ", and '" + tag.kind()
                        + "' is nothing that can be drawn with here; <lora:name:weight> is");
            }
            adapters.add(adapter(tag, place, unknown -> {
                throw new WrongCommandException(place + " has " + tag + ", and '" + unknown
                        + "' means nothing here; write <lora:name:weight>, or <lora:name:te=0.5:unet=1>");
            }));
        }
        return adapters;
    }

    /** Hears of a part of a tag that is not known. */
    interface UnknownPart {
        void found(String part);
    }

    /** The adapter of one tag. */
    AdapterChoice adapter(PromptTag tag, String place, UnknownPart unknown) throws IOException {
        Path top = folder;
        if (!hasPlaces()) {
            throw new WrongCommandException(
                    place + " has " + tag + ", and no folder of adapters is given; name it: adapters_dir=FOLDER");
        }
        if (top != null && !Files.isDirectory(top)) {
            throw new WrongCommandException(
                    place + " has " + tag + ", and adapters_dir=" + top + " is no folder; name the one that holds it");
        }
        double text = 1;
        double unet = Double.NaN;
        int positional = 0;
        for (String part : tag.arguments().subList(1, tag.arguments().size())) {
            int equals = part.indexOf('=');
            String key = equals < 0 ? "" : part.substring(0, equals).strip();
            if (key.equals("te")) {
                text = number(part.substring(equals + 1), tag, place);
            } else if (key.equals("unet")) {
                unet = number(part.substring(equals + 1), tag, place);
            } else if (!key.isEmpty() || positional > 1) {
                unknown.found(part);
            } else if (positional == 0) {
                text = number(part, tag, place);
                positional++;
            } else {
                unet = number(part, tag, place);
                positional++;
            }
        }
        Path file = file(tag, place);
        return choice(file, text, Double.isNaN(unet) ? text : unet);
    }

    private static double number(String text, PromptTag tag, String place) {
        try {
            double number = Double.parseDouble(text.strip());
            if (Double.isFinite(number)) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Falls through to the message.
        }
        throw new WrongCommandException(
                place + " has " + tag + ", whose weight '" + text + "' is no number; write <lora:name:0.8>");
    }

    private AdapterChoice choice(Path file, double text, double unet) throws IOException {
        if (text == unet) {
            return new AdapterChoice(file, unet, blocks);
        }
        List<BlockStrength> parts = new ArrayList<>(blocks);
        Set<String> networks = networks(file);
        if (unet != 0) {
            networks.stream()
                    .filter(network -> !network.equals("unet"))
                    .forEach(network -> parts.add(new BlockStrength(network, text / unet)));
        } else if (networks.contains("unet")) {
            parts.add(new BlockStrength("unet", 0));
        }
        return new AdapterChoice(file, unet != 0 ? unet : text, parts);
    }

    /** The networks that an adapter changes, by its layers' names. */
    private static Set<String> networks(Path file) throws IOException {
        Path weights = Files.isDirectory(file) ? file.resolve(FOLDER_WEIGHTS) : file;
        Set<String> networks = new TreeSet<>();
        try {
            for (String name : SafetensorsFile.open(weights).tensors().keySet()) {
                if (name.contains("lora_te2_") || name.contains("text_encoder_2.")) {
                    networks.add("text_encoder_2");
                } else if (name.contains("lora_te") || name.contains("text_encoder.")) {
                    networks.add("text_encoder");
                } else {
                    networks.add("unet");
                }
            }
        } catch (WeightsException e) {
            return Set.of(); // whoever reads the adapter says what is wrong with it
        }
        return networks;
    }

    private Path file(PromptTag tag, String place) throws IOException {
        String name = FileName.stem(tag.arguments().get(0).strip().replace('\\', '/'));
        Map<Path, String> files = files();
        List<Path> found = name.startsWith(HERE)
                ? named(files, each -> each.equals(name.substring(HERE.length())))
                : named(files, each -> each.equals(name) || each.endsWith("/" + name));
        if (found.isEmpty()) {
            found = named(
                    files,
                    each -> each.equalsIgnoreCase(name) || FileName.of(each).equalsIgnoreCase(name));
        }
        if (found.isEmpty()) {
            // kohya's trainer writes the adapter's name into its file, and web interfaces call it by that.
            found = files.keySet().stream()
                    .filter(file -> name.equals(outputName(file)))
                    .toList();
        }
        String where = folder == null ? "the adapters that the command names" : "adapters_dir=" + folder;
        if (found.isEmpty()) {
            throw new WrongCommandException(place + " has " + tag + ", and " + where + " holds no adapter '" + name
                    + "'; " + NearNames.of(name, files.values()));
        }
        if (found.size() > 1) {
            throw new WrongCommandException(place + " has " + tag + ", which may be any of "
                    + found.stream().map(files::get).toList() + " in " + where
                    + "; write the path below the folder, such as <lora:" + whole(files.get(found.get(0))) + ":1>");
        }
        return found.get(0);
    }

    private static @Nullable String whole(@Nullable String name) {
        return name == null || name.contains("/") ? name : HERE + name;
    }

    private static List<Path> named(Map<Path, String> files, Predicate<String> wanted) {
        return files.entrySet().stream()
                .filter(file -> wanted.test(file.getValue()))
                .map(Map.Entry::getKey)
                .toList();
    }

    private static @Nullable String outputName(Path file) {
        try {
            return Files.isDirectory(file)
                    ? null
                    : SafetensorsFile.open(file).metadata().get("ss_output_name");
        } catch (WeightsException | IOException e) {
            return null; // a file that cannot be read is nobody's adapter
        }
    }

    /** The adapters with the names that they go by: the path below the folder without its ending. */
    private Map<Path, String> files() throws IOException {
        Map<Path, String> files = new TreeMap<>();
        given.stream().filter(Files::exists).forEach(file -> files.put(file, FileName.stem(FileName.of(file))));
        Path top = folder;
        if (top == null) {
            return files;
        }
        for (Path file :
                FileTree.find(top, each -> FileName.of(each).endsWith(".safetensors") && Files.isRegularFile(each))) {
            Path parent = file.getParent();
            if (FileName.of(file).equals(FOLDER_WEIGHTS) && parent != null && !parent.equals(top)) {
                files.putIfAbsent(parent, FileTree.below(top, parent));
            } else {
                files.putIfAbsent(file, FileName.stem(FileTree.below(top, file)));
            }
        }
        return files;
    }
}
