package atelier.diffusion.conformance;

import java.util.LinkedHashMap;
import java.util.Map;

/** Arguments of the form key=value. */
public final class Options {
    private Options() {}

    public static Map<String, String> of(String[] arguments) {
        Map<String, String> options = new LinkedHashMap<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("'" + argument + "' is not key=value");
            }
            options.put(argument.substring(0, equals), argument.substring(equals + 1));
        }
        return options;
    }
}
