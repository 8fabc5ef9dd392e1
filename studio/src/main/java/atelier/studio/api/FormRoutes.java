package atelier.studio.api;

import atelier.studio.check.CommandForm;
import atelier.studio.run.AdapterList;
import atelier.studio.server.Json;
import atelier.studio.server.Routes;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;

/** What can be chosen: settings with their meaning, adapters, and this interface's own description. */
public final class FormRoutes implements Routes {
    private static final String OPTION = "[A-Za-z0-9_]+(,[A-Za-z0-9_]+)*";

    private final CommandForm train;
    private final CommandForm evaluate;
    private final AdapterList adapters;

    public FormRoutes(CommandForm train, CommandForm evaluate, AdapterList adapters) {
        this.train = train;
        this.evaluate = evaluate;
        this.adapters = adapters;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.get("/api/v1/settings/train", context -> Json.answer(context, train.describe(choices(context))));
        routes.get("/api/v1/settings/evaluate", context -> Json.answer(context, evaluate.describe(choices(context))));
        routes.get("/api/v1/adapters", context -> Json.answer(context, adapters.list()));
        routes.get("/api/v1/openapi.json", FormRoutes::description);
    }

    /** Groups with options, as a query has them: {@code ?experiment=style&model=sd15}. */
    private static List<String> choices(Context context) {
        return context.queryParamMap().entrySet().stream()
                .filter(each -> each.getKey().matches("[a-z_]+"))
                .filter(each -> each.getValue().get(0).matches(OPTION))
                .map(each -> each.getKey() + "="
                        + (each.getValue().get(0).contains(",")
                                ? "[" + each.getValue().get(0) + "]"
                                : each.getValue().get(0)))
                .toList();
    }

    private static void description(Context context) throws IOException {
        try (InputStream text = Objects.requireNonNull(
                FormRoutes.class.getResourceAsStream("openapi.json"), "openapi.json is built in")) {
            context.contentType("application/json").result(text.readAllBytes());
        }
    }
}
