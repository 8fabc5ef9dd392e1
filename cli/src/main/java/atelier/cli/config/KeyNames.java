package atelier.cli.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How Java's names and the configuration's meet: {@code saveEvery} is save_every, {@code LOGIT_NORMAL} logit_normal. */
final class KeyNames {
    private KeyNames() {}

    static String key(String component) {
        StringBuilder key = new StringBuilder();
        for (int i = 0; i < component.length(); i++) {
            char c = component.charAt(i);
            if (Character.isUpperCase(c) && key.length() > 0) {
                key.append('_');
            }
            key.append(Character.toLowerCase(c));
        }
        return key.toString();
    }

    static String of(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    static List<String> of(Class<?> enumeration) {
        return Arrays.stream(enumeration.getEnumConstants())
                .map(constant -> of((Enum<?>) constant))
                .toList();
    }
}
