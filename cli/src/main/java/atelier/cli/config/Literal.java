package atelier.cli.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.io.File;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The value side of {@code key=value}. Numbers, {@code true}, {@code false}, {@code null}, {@code [..]} and
 * {@code {..}} mean what they mean in a file; everything else is text as it stands, so that prompts need no second
 * quoting ({@code prompt="a cat: sitting, #1"}). Inside a list the same holds of each element.
 */
final class Literal {
    private static final Pattern NUMBER = Pattern.compile("-?\\d+(\\.\\d+)?([eE][+-]?\\d+)?");

    private static final ConfigValue NULL = ConfigValueFactory.fromAnyRef(null);

    private Literal() {}

    /**
     * Reads one value.
     *
     * @throws ConfigException if a {@code {..}} is not well formed
     */
    static ConfigValue parse(String text, ConfigOrigin origin) {
        String trimmed = text.strip();
        if (trimmed.startsWith("[") && trimmed.endsWith("]")) {
            List<ConfigValue> elements = new ArrayList<>();
            for (String element : split(trimmed.substring(1, trimmed.length() - 1))) {
                elements.add(parse(element, origin));
            }
            return ConfigValueFactory.fromIterable(elements).withOrigin(origin);
        }
        if (trimmed.startsWith("{") && trimmed.endsWith("}")) {
            return ConfigFactory.parseString(trimmed, NoIncludes.OPTIONS).root().withOrigin(origin);
        }
        if (isQuoted(trimmed)) {
            return ConfigValueFactory.fromAnyRef(trimmed.substring(1, trimmed.length() - 1))
                    .withOrigin(origin);
        }
        if (NUMBER.matcher(trimmed).matches() || trimmed.matches("true|false|null")) {
            // Read by the library, so that a number keeps its spelling: run.name=007 stays 007.
            ConfigValue spelled =
                    ConfigFactory.parseString("v=" + trimmed).root().getOrDefault("v", NULL);
            return spelled.withOrigin(origin);
        }
        return ConfigValueFactory.fromAnyRef(text).withOrigin(origin);
    }

    /** Cuts at commas that stand outside brackets, braces and quotes; empty text gives no parts. */
    static List<String> split(String text) {
        List<String> parts = new ArrayList<>();
        int depth = 0;
        char quote = 0;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (c == '"' || (c == '\'' && text.substring(start, i).isBlank())) {
                // An apostrophe within a word is no quote.
                quote = c;
            } else if (c == '[' || c == '{') {
                depth++;
            } else if (c == ']' || c == '}') {
                depth--;
            } else if (c == ',' && depth == 0) {
                parts.add(text.substring(start, i).strip());
                start = i + 1;
            }
        }
        String last = text.substring(start).strip();
        if (!last.isEmpty() || !parts.isEmpty()) {
            parts.add(last);
        }
        return parts;
    }

    private static boolean isQuoted(String text) {
        if (text.length() < 2) {
            return false;
        }
        char first = text.charAt(0);
        return (first == '"' || first == '\'')
                && text.charAt(text.length() - 1) == first
                && text.indexOf(first, 1) == text.length() - 1;
    }

    /** For single values, which include neither files nor addresses: they may come from a page. */
    private static final class NoIncludes
            implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {
        static final ConfigParseOptions OPTIONS = ConfigParseOptions.defaults().setIncluder(new NoIncludes());

        private NoIncludes() {}

        @Override
        public ConfigIncluder withFallback(ConfigIncluder fallback) {
            return this;
        }

        @Override
        public ConfigObject include(ConfigIncludeContext context, String what) {
            throw refused(what);
        }

        @Override
        public ConfigObject includeFile(ConfigIncludeContext context, File what) {
            throw refused(what.toString());
        }

        @Override
        public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
            throw refused(what.toString());
        }

        @Override
        public ConfigObject includeResources(ConfigIncludeContext context, String what) {
            throw refused(what);
        }

        private static ConfigException refused(String what) {
            return new ConfigException.Generic(what + ": a value cannot include anything");
        }
    }
}
