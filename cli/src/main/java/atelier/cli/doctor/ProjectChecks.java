package atelier.cli.doctor;

import atelier.cli.config.ConfigFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Looks at what the project brings: configurations, the base model, the place where runs go. */
public final class ProjectChecks {
    private ProjectChecks() {}

    public static List<Check> all(Path root, Path model, Path runs) {
        return List.of(configs(root), model(model), runs(runs));
    }

    private static Check configs(Path root) {
        ConfigFolder folder = new ConfigFolder(root);
        Set<String> groups = folder.groups();
        int options =
                groups.stream().mapToInt(group -> folder.options(group).size()).sum();
        return Check.good(
                "Configs", root.resolve("configs") + ": " + groups.size() + " groups, " + options + " options");
    }

    static Check model(Path model) {
        if (Files.isRegularFile(model)) {
            return Check.good("Model", model + ", a single file");
        }
        if (Files.isRegularFile(model.resolve("model_index.json"))) {
            return Check.good("Model", model + ", a diffusers folder");
        }
        return Check.bad(
                "Model",
                model + (Files.exists(model) ? " holds no model_index.json" : " does not exist"),
                "set model.path to a diffusers folder or a .safetensors file");
    }

    static Check runs(Path runs) {
        Path there = runs.toAbsolutePath();
        while (!Files.exists(there) && there.getParent() != null) {
            there = there.getParent();
        }
        return Files.isWritable(there) && Files.isDirectory(there)
                ? Check.good("Runs", runs + " can be written")
                : Check.bad("Runs", there + " cannot be written", "set run.dir to a folder that can");
    }
}
