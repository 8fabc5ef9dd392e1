package atelier.cli.moving;

import atelier.common.error.WrongCommandException;
import atelier.common.file.JsonText;
import atelier.common.file.TextFile;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.toml.TomlMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the configurations of other trainers, and tells by their keys whose they are. */
final class ForeignReader {
    private ForeignReader() {}

    /**
     * Reads files, or one command line; several files are one configuration, later ones win.
     *
     * @throws WrongCommandException when one is not there, cannot be parsed, or is of no program that is known
     */
    static ForeignSettings read(List<String> sources) throws IOException {
        ForeignSettings all = null;
        for (String source : sources) {
            ForeignSettings one = read(source);
            if (all != null && !all.program().tables().contains("sd-scripts") && all.program() != one.program()) {
                throw new WrongCommandException(
                        "'" + source + "' is of " + one.program().title() + ", those before it of "
                                + all.program().title() + "; import them one by one");
            }
            all = all == null ? one : all.with(one);
        }
        if (all == null) {
            throw new WrongCommandException("name a configuration: scripts/atelier import FILE");
        }
        return all;
    }

    private static ForeignSettings read(String source) throws IOException {
        Path file = file(source);
        if (file != null) {
            return file(file);
        }
        if (source.contains("--")) {
            return commandLine(source);
        }
        throw new WrongCommandException("'" + source + "' does not exist; name a .toml, .json or .yaml file of another"
                + " trainer, or give its command line in quotes");
    }

    private static @Nullable Path file(String source) {
        try {
            Path path = Path.of(source);
            return Files.isRegularFile(path) ? path : null;
        } catch (InvalidPathException e) {
            return null;
        }
    }

    private static ForeignSettings file(Path file) throws IOException {
        String text = TextFile.marked(Files.readAllBytes(file), StandardCharsets.UTF_8);
        String name = String.valueOf(file.getFileName());
        String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        if (ending.equals("sh") || ending.equals("bat") || ending.equals("ps1")) {
            return commandLine(text, name, folder(file));
        }
        JsonNode root;
        try {
            root = switch (ending) {
                case "toml" -> new TomlMapper().readTree(text);
                case "json" -> JsonText.mapper().readTree(text);
                case "yaml", "yml" -> new YAMLMapper().readTree(text);
                default ->
                    throw new WrongCommandException("'" + file + "' is no .toml, .json, .yaml or .sh file, as trainers"
                            + " write their configurations");
            };
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            throw new WrongCommandException(
                    name + (line > 0 ? " line " + line : "") + ": cannot be read: " + e.getOriginalMessage());
        }
        return of(root, file, name);
    }

    private static ForeignSettings of(JsonNode root, Path file, String name) {
        JsonNode process = root.path("config").path("process").path(0);
        if (process.isObject()) {
            Map<String, JsonNode> values = new LinkedHashMap<>();
            if (root.path("config").has("name")) {
                values.put("name", root.path("config").get("name"));
            }
            flatten("", process, values);
            return new ForeignSettings(Program.AI_TOOLKIT, name, folder(file), values);
        }
        Map<String, JsonNode> values = new LinkedHashMap<>();
        if (root.has("training_method") || root.has("concept_file_name") || root.has("concepts")) {
            flatten("", root, values);
            return new ForeignSettings(Program.ONETRAINER, name, folder(file), values);
        }
        if (root.has("datasets") && !root.has("pretrained_model_name_or_path")) {
            // The data of sd-scripts, which has a file of its own.
            values.put("dataset_config", TextNode.valueOf(file.toString()));
            return new ForeignSettings(Program.SD_SCRIPTS, name, folder(file), values);
        }
        root.properties().forEach(field -> {
            String key = field.getKey().replaceFirst("^--", "");
            JsonNode value = field.getValue();
            // sd-scripts' files may have sections, whose names mean nothing.
            if (value.isObject() && !key.endsWith("_args")) {
                value.properties().forEach(inner -> values.put(inner.getKey(), inner.getValue()));
            } else {
                values.put(key, value);
            }
        });
        return new ForeignSettings(program(root, values, name), name, folder(file), values);
    }

    private static Program program(JsonNode root, Map<String, JsonNode> values, String name) {
        if (root.has("LoRA_type") || root.has("max_resolution")) {
            return Program.KOHYA_SS;
        }
        if (values.containsKey("model_family") || values.containsKey("data_backend_config")) {
            return Program.SIMPLETUNER;
        }
        if (values.containsKey("pretrained_model_name_or_path") || values.containsKey("network_module")) {
            return Program.SD_SCRIPTS;
        }
        throw new WrongCommandException(
                name + ": is no configuration of sd-scripts, kohya_ss, OneTrainer, ai-toolkit or"
                        + " SimpleTuner: none of their keys is in it");
    }

    private static void flatten(String prefix, JsonNode node, Map<String, JsonNode> values) {
        node.properties().forEach(field -> {
            String key = prefix + field.getKey();
            JsonNode value = field.getValue();
            boolean whole = key.endsWith("network_kwargs") || key.endsWith("optimizer_params");
            if (value.isObject() && value.size() > 0 && !whole) {
                flatten(key + ".", value, values);
            } else {
                values.put(key, value);
            }
        });
    }

    private static ForeignSettings commandLine(String line) {
        return commandLine(line, "the command line", Path.of(""));
    }

    /** {@code accelerate launch train_network.py --key=value --key value1 value2 --switch}. */
    private static ForeignSettings commandLine(String line, String name, Path folder) {
        List<String> words = CommandWords.of(line);
        int script = -1;
        for (int i = 0; i < words.size(); i++) {
            if (words.get(i).endsWith(".py")) {
                script = i;
            }
        }
        Map<String, JsonNode> values = new LinkedHashMap<>();
        for (int i = script + 1; i < words.size(); i++) {
            String word = words.get(i);
            if (!word.startsWith("--")) {
                continue;
            }
            int sign = word.indexOf('=');
            if (sign > 0) {
                values.put(word.substring(2, sign).replace('-', '_'), TextNode.valueOf(word.substring(sign + 1)));
                continue;
            }
            List<String> given = new ArrayList<>();
            while (i + 1 < words.size() && !words.get(i + 1).startsWith("--")) {
                given.add(words.get(++i));
            }
            values.put(word.substring(2).replace('-', '_'), value(given));
        }
        if (values.isEmpty()) {
            throw new WrongCommandException(name + ": holds no --key that could be read");
        }
        Program program = values.containsKey("model_family") ? Program.SIMPLETUNER : Program.SD_SCRIPTS;
        return new ForeignSettings(program, name, folder, values);
    }

    private static JsonNode value(List<String> given) {
        if (given.isEmpty()) {
            return BooleanNode.TRUE;
        }
        if (given.size() == 1) {
            return TextNode.valueOf(given.get(0));
        }
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        given.forEach(list::add);
        return list;
    }

    private static Path folder(Path file) {
        Path parent = file.getParent();
        return parent == null ? Path.of("") : parent;
    }
}
