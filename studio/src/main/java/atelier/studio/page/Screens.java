package atelier.studio.page;

import atelier.studio.server.Routes;
import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.javalin.config.RoutesConfig;

/** The pages that a person looks at. */
public final class Screens implements Routes {
    private final TemplateEngine templates = TemplateEngine.createPrecompiled(ContentType.Html);

    @Override
    public void addTo(RoutesConfig routes) {
        routes.get("/", context -> {
            StringOutput page = new StringOutput();
            templates.render("runs.jte", "none yet", page);
            context.html(page.toString());
        });
    }
}
