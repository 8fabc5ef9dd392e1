package atelier.common.page;

import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;

/**
 * Pages, from templates that were compiled with the module that has them ({@code src/main/jte}). A template escapes what
 * it is given for the place where it stands. Templates of all modules share one package, so their names differ.
 */
public final class Page {
    private static final TemplateEngine TEMPLATES = TemplateEngine.createPrecompiled(ContentType.Html);
    private static final String LOOK = text(Page.class, "look.css");

    private Page() {}

    /** The style sheet of all pages, to be served, or put into the head of a page that is one file. */
    public static String look() {
        return LOOK;
    }

    /**
     * A page.
     *
     * @param template its file's name, {@code runs.jte}
     * @param values what its parameters are, by name
     */
    public static String render(String template, Map<String, Object> values) {
        StringOutput page = new StringOutput();
        TEMPLATES.render(template, values, page);
        return page.toString();
    }

    /** A resource beside a class, as text. */
    public static String text(Class<?> beside, String name) {
        try (InputStream in = Objects.requireNonNull(beside.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
