package atelier.cli.config;

import atelier.common.error.WrongCommandException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes nested settings records from a composed configuration. A component {@code saveEvery} is the key save_every, a
 * record a section, an enum's constant its name in lower case, {@code Optional} or {@code @Nullable} a key that may be
 * null, {@code Map<String, T>} a section whose keys are free. Strict: a key without a component, a component without a
 * key and a value of another type are problems, and what a record's constructor says against its values is one too.
 */
final class Binder {
    /** Stands for a value that could not be made; its problem is noted. */
    private static final Object FAILED = new Object();

    private final ScalarReader scalars;
    private final ValueOrigin places;
    private final ConfigObject root;
    private final List<Problem> problems = new ArrayList<>();

    Binder(ValueOrigin places, ConfigObject root) {
        this.places = places;
        this.root = root;
        this.scalars = new ScalarReader(places);
    }

    List<Problem> problems() {
        return problems;
    }

    /** The record, or null where anything was wrong; {@link #problems()} says what. */
    <T extends Record> @Nullable T bind(Class<T> type) {
        Object made = section(
                type,
                root,
                "",
                SettingKey.of(type).stream().map(SettingKey::name).toList());
        return made == FAILED ? null : type.cast(made);
    }

    private Object section(Class<?> type, ConfigObject object, String prefix, Collection<String> known) {
        Set<String> unknown = new LinkedHashSet<>(object.keySet());
        Object made = record(type, object, prefix, known, unknown, new LinkedHashMap<>());
        object.entrySet().stream()
                .filter(entry -> unknown.contains(entry.getKey()))
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry -> unknown(prefix + ConfigUtil.joinPath(entry.getKey()), entry.getValue(), known));
        return made;
    }

    /**
     * Makes one record of a section's keys and takes those that it uses out of {@code unknown}.
     *
     * @param origins where the section's keys stand; those of inline records are a section's like its own
     */
    private Object record(
            Class<?> type,
            ConfigObject object,
            String prefix,
            Collection<String> known,
            Set<String> unknown,
            Map<String, ConfigOrigin> origins) {
        RecordComponent[] components = type.getRecordComponents();
        Object[] values = new Object[components.length];
        boolean sound = true;
        for (int i = 0; i < components.length; i++) {
            SettingKey key = SettingKey.of(prefix, components[i]);
            String word = KeyNames.key(components[i].getName());
            ConfigValue value = object.get(word);
            Object made;
            if (SettingKey.isInline(components[i])) {
                made = record(components[i].getType(), object, prefix, known, unknown, origins);
            } else if (value == null) {
                made = missing(key, object);
            } else {
                unknown.remove(word);
                origins.put(key.name(), value.origin());
                made = value(key, value, known);
            }
            sound &= made != FAILED;
            values[i] = components[i].getType() == Optional.class && made != FAILED ? Optional.ofNullable(made) : made;
        }
        return sound ? construct(type, components, values, origins, object.origin()) : FAILED;
    }

    private void unknown(String name, ConfigValue value, Collection<String> known) {
        String now = RenamedKeys.now(name);
        problems.add(new Problem(
                places.of(value.origin()),
                "there is no key '" + name + "'",
                now != null && known.contains(now)
                        ? "it is called " + now + " now"
                        : NearestNames.question(name, known, "--help lists the keys")));
    }

    private Object missing(SettingKey key, ConfigObject object) {
        problems.add(new Problem(
                prefixed(key, object),
                key.name() + " is missing",
                "say it in the file, or write +" + key.name() + "=... (" + key.typeText() + ")"));
        return FAILED;
    }

    private String prefixed(SettingKey key, ConfigObject object) {
        return key.name().contains(".") ? places.of(object.origin()) : "configs";
    }

    private @Nullable Object value(SettingKey key, ConfigValue value, Collection<String> known) {
        if (value.valueType() == ConfigValueType.NULL) {
            if (key.nullable()) {
                return null;
            }
            problems.add(new Problem(
                    places.of(value.origin()), key.name() + " must not be null", "give it a " + typeText(key)));
            return FAILED;
        }
        return value(key.name(), key.type(), value, known);
    }

    private static String typeText(SettingKey key) {
        return SettingKey.raw(key.type()).isRecord() ? "section" : key.typeText();
    }

    private Object value(String name, AnnotatedType type, ConfigValue value, Collection<String> known) {
        Class<?> raw = SettingKey.raw(type);
        boolean text = value.valueType() == ConfigValueType.STRING && ScalarReader.parses(raw);
        if (raw.isRecord() && !text) {
            return value instanceof ConfigObject section
                    ? section(raw, section, name + ".", known)
                    : mismatch(name, value, "a section, " + name + " { ... }");
        }
        if (raw == Map.class) {
            return value instanceof ConfigObject section
                    ? map(name, SettingKey.argument(type, 1), section, known)
                    : mismatch(name, value, "a section, " + name + " { ... }");
        }
        if (Collection.class.isAssignableFrom(raw)) {
            if (value instanceof ConfigList list) {
                return list(name, raw, SettingKey.argument(type, 0), list, known);
            }
            // One value stands for a list of one, unless commas say that several were meant.
            return value instanceof ConfigObject
                            || String.valueOf(value.unwrapped()).contains(",")
                    ? mismatch(name, value, "a list, [one, two]")
                    : list(name, raw, SettingKey.argument(type, 0), List.of(value), known);
        }
        try {
            return scalars.read(name, type, value);
        } catch (ConfigurationException e) {
            problems.addAll(e.problems());
            return FAILED;
        }
    }

    private Object mismatch(String name, ConfigValue value, String wanted) {
        problems.add(new Problem(
                places.of(value.origin()), name + " is " + ScalarReader.describe(value), "it must be " + wanted));
        return FAILED;
    }

    private Object map(String name, AnnotatedType type, ConfigObject section, Collection<String> known) {
        Map<String, Object> values = new LinkedHashMap<>();
        boolean sound = true;
        for (Map.Entry<String, ConfigValue> entry : section.entrySet()) {
            if (entry.getValue().valueType() == ConfigValueType.NULL) {
                // ~section.key takes an entry away.
                continue;
            }
            String key = name + "." + ConfigUtil.joinPath(entry.getKey());
            Object value = value(key, type, entry.getValue(), known);
            sound &= value != FAILED;
            values.put(entry.getKey(), value);
        }
        return sound ? Collections.unmodifiableMap(values) : FAILED;
    }

    private Object list(
            String name, Class<?> raw, AnnotatedType type, List<ConfigValue> list, Collection<String> known) {
        List<Object> values = new ArrayList<>();
        for (ConfigValue element : list) {
            values.add(value(name, type, element, known));
        }
        if (values.contains(FAILED)) {
            return FAILED;
        }
        return raw == Set.class ? Collections.unmodifiableSet(new LinkedHashSet<>(values)) : List.copyOf(values);
    }

    private Object construct(
            Class<?> type,
            RecordComponent[] components,
            Object[] values,
            Map<String, ConfigOrigin> origins,
            ConfigOrigin whole) {
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            Constructor<?> canonical = type.getDeclaredConstructor(types);
            canonical.setAccessible(true);
            return canonical.newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof WrongCommandException refusal) {
                String message = String.valueOf(refusal.getMessage());
                problems.add(new Problem(place(message, origins, whole), message, ""));
                return FAILED;
            }
            throw new IllegalStateException("the constructor of " + type + " failed", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("no canonical constructor of " + type, e);
        }
    }

    /** Where the key stands that a record's message names; the longest name counts, the section where none is named. */
    private String place(String message, Map<String, ConfigOrigin> origins, ConfigOrigin whole) {
        return origins.entrySet().stream()
                .filter(entry -> mentions(message, entry.getKey()))
                .max((a, b) -> Integer.compare(a.getKey().length(), b.getKey().length()))
                .map(entry -> places.of(entry.getValue()))
                .orElseGet(() -> places.of(whole));
    }

    private static boolean mentions(String message, String key) {
        int at = message.indexOf(key);
        int end = at + key.length();
        return at >= 0 && (end == message.length() || !Character.isLetterOrDigit(message.charAt(end)));
    }
}
