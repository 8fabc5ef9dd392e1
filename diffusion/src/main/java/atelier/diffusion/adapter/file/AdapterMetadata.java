package atelier.diffusion.adapter.file;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.weights.ModelFamily;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Builds the metadata that other front ends show: kohya's {@code ss_*} and ModelSpec 1.0.1's {@code modelspec.*}. Values
 * are text; nested ones are JSON. No value may hold a path: a file that is shared must not tell whose it was.
 *
 * <p>Source: kohya-ss/sd-scripts (train_network.py, library/sai_model_spec.py), Stability-AI/ModelSpec.
 */
public final class AdapterMetadata {
    private static final Pattern PATH =
            Pattern.compile("(?<![\\w:/.])/(home|root|Users|tmp|var|mnt|media|opt|work|data|workspace)/\\S*"
                    + "|[A-Za-z]:\\\\\\S*|\\\\\\\\\\w+\\\\\\S*|file:/\\S*");

    /** ModelSpec's name for the original code's layout. */
    static final String ORIGINAL = "https://github.com/Stability-AI/generative-models";

    private static final String THUMBNAIL = "modelspec.thumbnail";
    private static final Set<String> HASHES = Set.of("sshs_model_hash", "sshs_legacy_hash", "modelspec.hash_sha256");

    private final Map<String, String> values = new TreeMap<>();

    /**
     * Starts with what follows from the model and the adapter.
     *
     * @param family the base's
     * @param predictsV whether the base predicts v
     * @param width of the training pictures, pixels
     * @param height of the training pictures, pixels
     */
    public AdapterMetadata(ModelFamily family, boolean predictsV, int width, int height) {
        put("ss_base_model_version", baseVersion(family, predictsV));
        put("ss_v2", family == ModelFamily.SD2 ? "True" : "False");
        put("ss_resolution", "(" + width + ", " + height + ")");
        put("modelspec.sai_model_spec", "1.0.1");
        put("modelspec.architecture", architecture(family, predictsV) + "/lora");
        // Kohya's trainer names by it whose layout the layers' names follow.
        put("modelspec.implementation", family.isXl() ? ORIGINAL : "diffusers");
        put("modelspec.resolution", width + "x" + height);
        put("modelspec.prediction_type", predictsV ? "v" : "epsilon");
    }

    /** Kohya's name of the base: sd_v1, sd_v2, sd_v2_v, sdxl_base_v1-0. */
    public static String baseVersion(ModelFamily family, boolean predictsV) {
        return switch (family) {
            case SD1 -> "sd_v1";
            case SD2 -> predictsV ? "sd_v2_v" : "sd_v2";
            case SDXL, SDXL_REFINER -> "sdxl_base_v1-0";
        };
    }

    /** ModelSpec's name of the base's architecture. */
    public static String architecture(ModelFamily family, boolean predictsV) {
        return switch (family) {
            case SD1 -> "stable-diffusion-v1";
            case SD2 -> predictsV ? "stable-diffusion-v2-768-v" : "stable-diffusion-v2-512";
            case SDXL -> "stable-diffusion-xl-v1-base";
            case SDXL_REFINER -> "stable-diffusion-xl-v1-refiner";
        };
    }

    /**
     * The method, as kohya names its network module: networks.lora, or lycoris.kohya with the algorithm.
     *
     * @param algorithm lora, locon, loha, lokr or dora
     */
    public AdapterMetadata network(String algorithm, int rank, double alpha) {
        boolean plain = algorithm.equals("lora");
        put("ss_network_module", plain ? "networks.lora" : "lycoris.kohya");
        put("ss_network_dim", Integer.toString(rank));
        put("ss_network_alpha", number(alpha));
        return json("ss_network_args", plain ? Map.of() : arguments(algorithm));
    }

    private static Map<String, String> arguments(String algorithm) {
        return algorithm.equals("dora") ? Map.of("algo", "lora", "dora_wd", "True") : Map.of("algo", algorithm);
    }

    /** A training figure under kohya's name, {@code ss_} included; doubles without needless digits. */
    public AdapterMetadata figure(String key, double value) {
        return put(key, number(value));
    }

    /** A whole training figure, with all digits that a seed has. */
    public AdapterMetadata figure(String key, long value) {
        return put(key, Long.toString(value));
    }

    /** A text under kohya's or ModelSpec's name. */
    public AdapterMetadata text(String key, String value) {
        return put(key, value);
    }

    /** A nested value, written as JSON: {@code ss_dataset_dirs}, {@code ss_tag_frequency}, {@code ss_bucket_info}. */
    public AdapterMetadata json(String key, Object value) {
        return put(key, ExportMetadata.json(value));
    }

    /** A picture for the adapter's card in a user interface, as ModelSpec has it: a data URI. */
    public AdapterMetadata thumbnail(byte[] jpeg) {
        return put(THUMBNAIL, "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(jpeg));
    }

    /**
     * Takes over what an earlier file said, where nothing else has been said: all but hashes, which depend on the bytes,
     * and values that hold a path.
     */
    public AdapterMetadata keeping(Map<String, String> earlier) {
        withoutPrivate(earlier).forEach(values::putIfAbsent);
        return this;
    }

    /** An earlier file's metadata without hashes of its bytes and without values that hold a path. */
    public static Map<String, String> withoutPrivate(Map<String, String> earlier) {
        Map<String, String> kept = new TreeMap<>(earlier);
        kept.keySet().removeAll(HASHES);
        kept.keySet().remove(PeftConfig.METADATA);
        kept.entrySet().removeIf(entry -> isPrivate(entry.getKey(), entry.getValue()));
        return kept;
    }

    private AdapterMetadata put(String key, String value) {
        values.put(key, value);
        return this;
    }

    private static String number(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value).toLowerCase(Locale.ROOT);
    }

    /**
     * The finished metadata, without the hashes, which depend on the tensors.
     *
     * @throws WrongCommandException when a value holds a path, naming the key
     */
    public Map<String, String> build() {
        values.forEach((key, value) -> {
            if (isPrivate(key, value)) {
                throw new WrongCommandException(
                        "the metadata " + key + " would hold a path (" + value + "); give base names only");
            }
        });
        return new TreeMap<>(values);
    }

    /** The finished metadata, values that hold a path left out: for facts that nobody can mend any more. */
    public Map<String, String> buildWithoutPrivate() {
        return withoutPrivate(values);
    }

    /** Whether a text holds a path or the user's home folder. */
    public static boolean holdsPath(String text) {
        String home = System.getProperty("user.home", "");
        // What separates its parts is soon looked for; few of a million tags have it.
        boolean separated = text.indexOf('/') >= 0 || text.indexOf('\\') >= 0;
        return separated && PATH.matcher(text).find() || home.length() > 1 && text.contains(home);
    }

    private static boolean isPrivate(String key, String value) {
        return !key.equals(THUMBNAIL) && holdsPath(value);
    }
}
