package atelier.studio.api;

import atelier.studio.check.Changes;
import atelier.studio.check.EvaluationCheck;
import atelier.studio.run.RunControl;
import atelier.studio.server.Bodies;
import atelier.studio.server.Json;
import atelier.studio.server.Routes;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.List;

/** Evaluations of runs. */
public final class EvaluationRoutes implements Routes {
    private static final String RUN = "/api/v1/runs/{name}";

    private final RunControl control;
    private final EvaluationCheck check;

    public EvaluationRoutes(RunControl control, EvaluationCheck check) {
        this.control = control;
        this.check = check;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        routes.get(RUN + "/evaluation", context -> Json.answer(context, control.evaluation(name(context))));
        routes.post(RUN + "/evaluate", this::start);
        routes.post(RUN + "/evaluation/stop", context -> {
            control.stopEvaluation(name(context));
            Json.answer(context.status(202), control.evaluation(name(context)));
        });
    }

    private static String name(Context context) {
        return context.pathParam("name");
    }

    private void start(Context context) throws IOException {
        List<String> changes = Changes.of(Bodies.json(context), check.groups(), Changes.EVALUATE);
        check.require(changes);
        control.evaluate(name(context), changes);
        control.next();
        Json.answer(context.status(202), control.evaluation(name(context)));
    }
}
