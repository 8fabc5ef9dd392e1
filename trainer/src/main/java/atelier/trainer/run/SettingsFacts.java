package atelier.trainer.run;

import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Settings records as keys and texts: each component under the key that the user sets it by. */
final class SettingsFacts {
    /** Numbers between these are written without an exponent. */
    private static final double SMALL = 1e-5;

    private static final double LARGE = 1e15;

    private SettingsFacts() {}

    /** Hands on each value of a record, and of the records in it, but those of the keys in {@code without}. */
    static void each(String prefix, Record settings, Set<String> without, BiConsumer<String, @Nullable Object> takes) {
        for (RecordComponent component : settings.getClass().getRecordComponents()) {
            String key = key(prefix, component.getName());
            Object value = value(settings, component);
            if (without.contains(key)) {
                continue;
            }
            if (value instanceof Record inner) {
                each(key, inner, without, takes);
            } else {
                takes.accept(key, value);
            }
        }
    }

    /** The key of a component, as the configuration has it: trainSteps is train_steps. */
    static String key(String prefix, String component) {
        return prefix + "." + component.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    private static @Nullable Object value(Record settings, RecordComponent component) {
        try {
            return component.getAccessor().invoke(settings);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(component + " cannot be read", e);
        }
    }

    /** A value as a user writes it: 0.0005, adamw, [attention]. */
    static String text(@Nullable Object value) {
        if (value == null) {
            return "null";
        } else if (value instanceof Double number) {
            return text(number.doubleValue());
        } else if (value instanceof Enum<?> constant) {
            return constant.name().toLowerCase(Locale.ROOT);
        } else if (value instanceof List<?> list) {
            return list.stream().map(SettingsFacts::text).collect(Collectors.joining(", ", "[", "]"));
        } else if (value instanceof Map<?, ?> map) {
            Map<String, String> sorted = new TreeMap<>();
            map.forEach((key, each) -> sorted.put(String.valueOf(key), text(each)));
            return sorted.toString();
        }
        return String.valueOf(value);
    }

    private static String text(double number) {
        double size = Math.abs(number);
        boolean plain = number == 0 || (size >= SMALL && size < LARGE);
        return plain
                ? new BigDecimal(Double.toString(number)).stripTrailingZeros().toPlainString()
                : Double.toString(number);
    }
}
