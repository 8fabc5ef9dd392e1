package atelier.studio.page;

import atelier.cli.config.Composer;
import atelier.cli.config.ConfigFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What the Draw screen offers at first.
 *
 * @param model the model's name
 * @param steps sampling steps
 * @param guidance classifier-free guidance scale
 * @param sampler its key
 */
public record DrawDefaults(String model, String steps, String guidance, String sampler) {
    /**
     * As {@code generate} has them.
     *
     * @param root the folder that holds {@code configs/}
     * @param model the file or folder that is drawn with
     */
    public static DrawDefaults of(Path root, Path model) {
        Map<String, String> values = new Composer(new ConfigFolder(root))
                .compose("generate", List.of())
                .flat();
        return new DrawDefaults(
                String.valueOf(model.getFileName()),
                values.getOrDefault("steps", ""),
                values.getOrDefault("guidance_scale", ""),
                values.getOrDefault("sampler", ""));
    }
}
