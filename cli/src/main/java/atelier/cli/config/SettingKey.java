package atelier.cli.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One key of a settings record.
 *
 * @param name the whole key, {@code adapter.rank}
 * @param type its Java type
 * @param nullable whether null is a value
 */
record SettingKey(String name, AnnotatedType type, boolean nullable) {
    /** Every key of a settings record, nested records' included, in the order of declaration. */
    static List<SettingKey> of(Class<? extends Record> settings) {
        List<SettingKey> keys = new ArrayList<>();
        gather("", settings, keys);
        return keys;
    }

    private static void gather(String prefix, Class<?> settings, List<SettingKey> into) {
        for (RecordComponent component : settings.getRecordComponents()) {
            SettingKey key = of(prefix, component);
            // A record that reads itself from text, such as file:weight, is one key.
            if (component.getType().isRecord() && !ScalarReader.parses(component.getType())) {
                gather(isInline(component) ? prefix : key.name() + ".", component.getType(), into);
            } else {
                into.add(key);
            }
        }
    }

    static boolean isInline(RecordComponent component) {
        return component.isAnnotationPresent(InlineKeys.class);
    }

    static SettingKey of(String prefix, RecordComponent component) {
        AnnotatedType type = component.getAnnotatedType();
        boolean optional = component.getType() == Optional.class;
        return new SettingKey(
                prefix + KeyNames.key(component.getName()),
                optional ? argument(type, 0) : type,
                optional || type.isAnnotationPresent(Nullable.class));
    }

    static Class<?> raw(AnnotatedType type) {
        Type plain = type.getType();
        Type raw = plain instanceof ParameterizedType parameterized ? parameterized.getRawType() : plain;
        if (raw instanceof Class<?> known) {
            return known;
        }
        throw new IllegalArgumentException("a settings record cannot hold " + plain);
    }

    static AnnotatedType argument(AnnotatedType type, int index) {
        if (type instanceof AnnotatedParameterizedType parameterized) {
            return parameterized.getAnnotatedActualTypeArguments()[index];
        }
        throw new IllegalArgumentException("a settings record must say what its " + type.getType() + " holds");
    }

    /** The type in users' words: {@code whole number}, {@code lora | locon | dora}, {@code list of path}. */
    String typeText() {
        return typeText(type) + (nullable ? " or null" : "");
    }

    static String typeText(AnnotatedType type) {
        Class<?> raw = raw(type);
        if (raw == int.class || raw == Integer.class || raw == long.class || raw == Long.class) {
            return "whole number";
        } else if (raw == double.class || raw == Double.class || raw == float.class || raw == Float.class) {
            return "number";
        } else if (raw == boolean.class || raw == Boolean.class) {
            return "true | false";
        } else if (raw == Path.class) {
            return "path";
        } else if (raw == Duration.class) {
            return "duration (30s, 10m)";
        } else if (raw.isEnum()) {
            return String.join(" | ", KeyNames.of(raw));
        } else if (raw == Map.class) {
            return "map from text to " + typeText(argument(type, 1));
        } else if (Collection.class.isAssignableFrom(raw)) {
            return "list of " + typeText(argument(type, 0));
        }
        return "text";
    }

    boolean isPath() {
        return raw(type) == Path.class
                || (Collection.class.isAssignableFrom(raw(type)) && raw(argument(type, 0)) == Path.class);
    }

    /** A path's value, or a list's of paths, written so that a file below the root may say it. */
    ConfigValue portable(ConfigValue value, ValueOrigin places) {
        if (value instanceof ConfigList list) {
            return ConfigValueFactory.fromIterable(
                            list.stream().map(each -> portable(each, places)).toList())
                    .withOrigin(value.origin());
        }
        if (value.valueType() == ConfigValueType.NULL || !ValueOrigin.isOverride(value.origin())) {
            return value;
        }
        Path path = places.path(String.valueOf(value.unwrapped()), value.origin());
        return ConfigValueFactory.fromAnyRef(places.portable(path)).withOrigin(value.origin());
    }
}
