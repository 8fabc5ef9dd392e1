package atelier.cli.config;

import atelier.common.error.WrongCommandException;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * Reads one value into a number, text, path, duration, enum constant, or any class with a static
 * {@code parse(String)}. Stricter than the library, whose {@code getInt} makes 1 of 1.5 and whose numbers may be text.
 */
final class ScalarReader {
    private final ValueOrigin places;

    ScalarReader(ValueOrigin places) {
        this.places = places;
    }

    /**
     * Reads {@code value} as {@code type}.
     *
     * @param name the key, for the message
     * @throws ConfigurationException if it is of another type
     */
    Object read(String name, AnnotatedType type, ConfigValue value) {
        Class<?> raw = SettingKey.raw(type);
        if (raw == int.class || raw == Integer.class) {
            return (int) whole(name, value, Integer.MIN_VALUE, Integer.MAX_VALUE);
        } else if (raw == long.class || raw == Long.class) {
            return whole(name, value, Long.MIN_VALUE, Long.MAX_VALUE);
        } else if (raw == double.class || raw == Double.class) {
            return number(name, value);
        } else if (raw == float.class || raw == Float.class) {
            return (float) number(name, value);
        } else if (raw == boolean.class || raw == Boolean.class) {
            return truth(name, value);
        } else if (raw == Duration.class) {
            return duration(name, value);
        } else if (raw == Path.class) {
            return path(name, value);
        } else if (raw.isEnum()) {
            return constant(name, raw, value);
        } else if (raw == String.class) {
            return text(name, value);
        }
        return parsed(name, raw, value);
    }

    /** A value in users' words: {@code the number 1.5}, {@code the text 'x'}, {@code a list}. */
    static String describe(ConfigValue value) {
        return switch (value.valueType()) {
            case NUMBER -> "the number " + spelling(value);
            case BOOLEAN -> spelling(value);
            case STRING -> value.unwrapped().toString().isEmpty() ? "empty" : "the text '" + value.unwrapped() + "'";
            case LIST -> "a list";
            case OBJECT -> "a section";
            case NULL -> "null";
        };
    }

    private static String spelling(ConfigValue value) {
        return value.atKey("v").getString("v");
    }

    private ConfigurationException wrong(String name, ConfigValue value, String wanted) {
        boolean sweep = value.valueType() == ConfigValueType.STRING
                && ValueOrigin.isOverride(value.origin())
                && value.unwrapped().toString().contains(",");
        return new ConfigurationException(new Problem(
                places.of(value.origin()),
                name + " is " + describe(value),
                "it must be "
                        + (SettingKey.takesAuto(name)
                                ? wanted.replaceFirst("(?=; did you mean)|$", ", or auto")
                                : wanted)
                        + (sweep ? "; to sweep over several add --multirun" : "")));
    }

    private long whole(String name, ConfigValue value, long least, long most) {
        if (value.valueType() == ConfigValueType.NUMBER) {
            try {
                long exact = new BigDecimal(spelling(value)).longValueExact();
                if (exact >= least && exact <= most) {
                    return exact;
                }
            } catch (ArithmeticException e) {
                // Falls through to the message: not whole, or beyond 64 bits.
            }
            return fail(wrong(name, value, "a whole number from " + least + " to " + most));
        }
        return fail(wrong(name, value, "a whole number"));
    }

    private static long fail(ConfigurationException e) {
        throw e;
    }

    private double number(String name, ConfigValue value) {
        if (value.valueType() == ConfigValueType.NUMBER) {
            double number = ((Number) value.unwrapped()).doubleValue();
            if (Double.isFinite(number)) {
                return number;
            }
        }
        throw wrong(name, value, "a number, such as 0.5 or 1e-4");
    }

    private boolean truth(String name, ConfigValue value) {
        if (value.valueType() == ConfigValueType.BOOLEAN) {
            return (Boolean) value.unwrapped();
        }
        throw wrong(name, value, "true or false");
    }

    private Duration duration(String name, ConfigValue value) {
        try {
            if (value.valueType() == ConfigValueType.STRING) {
                return value.atKey("v").getDuration("v");
            }
        } catch (ConfigException e) {
            // Falls through to the message.
        }
        throw wrong(name, value, "a duration with its unit, such as 30s or 10m");
    }

    private Path path(String name, ConfigValue value) {
        if (value.valueType() == ConfigValueType.STRING || value.valueType() == ConfigValueType.NUMBER) {
            String text = spelling(value);
            if (!text.isBlank()) {
                try {
                    return places.path(text, value.origin());
                } catch (InvalidPathException e) {
                    throw wrong(name, value, "a path");
                }
            }
        }
        throw wrong(name, value, "a path");
    }

    private Object constant(String name, Class<?> raw, ConfigValue value) {
        List<String> names = KeyNames.of(raw);
        if (value.valueType() == ConfigValueType.STRING || value.valueType() == ConfigValueType.NUMBER) {
            int index = names.indexOf(spelling(value));
            if (index < 0) {
                index = names.indexOf(RenamedKeys.spelled(spelling(value)));
            }
            if (index >= 0) {
                return raw.getEnumConstants()[index];
            }
            List<String> near = NearestNames.of(spelling(value), names);
            if (!near.isEmpty()) {
                throw wrong(
                        name,
                        value,
                        "one of " + String.join(", ", names) + "; did you mean " + String.join(" or ", near) + "?");
            }
        }
        throw wrong(name, value, "one of " + String.join(", ", names));
    }

    private String text(String name, ConfigValue value) {
        return switch (value.valueType()) {
            case STRING, NUMBER, BOOLEAN -> spelling(value);
            case LIST, OBJECT, NULL -> throw wrong(name, value, "text");
        };
    }

    /** Whether {@code raw} has a static {@code parse(String)}. */
    static boolean parses(Class<?> raw) {
        return Arrays.stream(raw.getDeclaredMethods())
                .anyMatch(method -> method.getName().equals("parse")
                        && Modifier.isStatic(method.getModifiers())
                        && Arrays.equals(method.getParameterTypes(), new Class<?>[] {String.class}));
    }

    private Object parsed(String name, Class<?> raw, ConfigValue value) {
        try {
            Method parse = raw.getDeclaredMethod("parse", String.class);
            parse.setAccessible(true);
            return parse.invoke(null, text(name, value));
        } catch (InvocationTargetException e) {
            Throwable refusal = e.getCause();
            if (refusal instanceof WrongCommandException || refusal instanceof InvalidPathException) {
                throw new ConfigurationException(
                        new Problem(places.of(value.origin()), name + ": " + refusal.getMessage(), ""));
            }
            throw new IllegalStateException(raw + ".parse failed", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("a settings record cannot hold " + raw, e);
        }
    }
}
