package atelier.studio.server;

import atelier.cli.config.ConfigurationException;
import atelier.common.error.UserException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers that are errors. Programs get {@code {"error": {place, fact, remedy, message, problems}}}, people a page with
 * the message. What a user caused is 422 (wrong), 404, 409, 403 (refused by consent or safety) or 500 (the work
 * failed), each with its message; of a fault of our own only that it is one, and its number in the log.
 */
public final class ErrorForm {
    private static final Logger LOG = LoggerFactory.getLogger(ErrorForm.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private ErrorForm() {}

    /**
     * What is wrong, in the parts of the one form of a message.
     *
     * @param place the key, header or file
     * @param fact what is the matter with it
     * @param remedy what to do; empty where the fact says it
     */
    public record Problem(String place, String fact, String remedy) {
        String message() {
            return UserException.message(place, fact, remedy);
        }

        /** The parts of a whole sentence that was put together of them. */
        static Problem parsed(String message) {
            String first = message.lines().findFirst().orElse(message);
            int colon = first.indexOf(": ");
            int semicolon = first.lastIndexOf("; ");
            int from = colon < 0 ? 0 : colon + 2;
            boolean remedied = semicolon > from;
            return new Problem(
                    colon < 0 ? "" : first.substring(0, colon),
                    first.substring(from, remedied ? semicolon : first.length()),
                    remedied ? first.substring(semicolon + 2) : "");
        }
    }

    /** Handles what handlers throw. */
    static void addTo(RoutesConfig routes) {
        routes.exception(HttpResponseException.class, (e, context) -> answer(context, ErrorStatus.of(e), plain(e)));
        routes.exception(Exception.class, (e, context) -> {
            if (e instanceof ConfigurationException configuration) {
                List<Problem> problems = configuration.problems().stream()
                        .map(each -> new Problem(each.place(), each.fact(), each.remedy()))
                        .toList();
                answer(context, ErrorStatus.of(e), problems);
            } else if (e instanceof UserException) {
                answer(context, ErrorStatus.of(e), List.of(Problem.parsed(String.valueOf(e.getMessage()))));
            } else {
                answer(context, ErrorStatus.of(e), List.of(fault(e)));
            }
        });
        routes.error(404, context -> {
            if (!context.res().isCommitted() && context.res().getContentType() == null) {
                answer(context, 404, List.of(new Problem("the address", "there is nothing here", "")));
            }
        });
    }

    private static List<Problem> plain(HttpResponseException e) {
        return switch (e.getStatus()) {
            case 404 -> List.of(new Problem("the address", "there is nothing here", ""));
            case 405 -> List.of(new Problem("the method", "this address does not take it", ""));
            default -> List.of(Problem.parsed(String.valueOf(e.getMessage())));
        };
    }

    /** Says nothing of what is inside; the log has it. */
    private static Problem fault(Exception e) {
        String number = UUID.randomUUID().toString().substring(0, 8);
        LOG.error("fault {}", number, e);
        return new Problem("the studio", "a fault of its own", "the terminal shows it under the number " + number);
    }

    private static void answer(Context context, int status, List<Problem> problems) {
        context.status(status);
        if (isForPrograms(context.path())) {
            context.contentType("application/json").result(bytes(json(problems)));
        } else {
            context.contentType("text/html; charset=utf-8").result(page(status, problems.get(0)));
        }
    }

    /** For what is refused before a handler is looked for. */
    static void write(HttpServletResponse response, String path, int status, Problem problem) throws IOException {
        response.setStatus(status);
        boolean programs = isForPrograms(path);
        byte[] body =
                programs ? bytes(json(List.of(problem))) : page(status, problem).getBytes(StandardCharsets.UTF_8);
        response.setContentType(programs ? "application/json" : "text/html; charset=utf-8");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }

    private static boolean isForPrograms(String path) {
        return path.startsWith("/api/") || path.startsWith("/sdapi/") || path.startsWith("/v1/");
    }

    private static ObjectNode json(List<Problem> problems) {
        ObjectNode whole = JSON.createObjectNode();
        ObjectNode error = whole.putObject("error");
        put(error, problems.get(0));
        ArrayNode all = error.putArray("problems");
        problems.forEach(each -> put(all.addObject(), each));
        return whole;
    }

    private static void put(ObjectNode into, Problem problem) {
        into.put("place", problem.place());
        into.put("fact", problem.fact());
        into.put("remedy", problem.remedy());
        into.put("message", problem.place().isEmpty() ? problem.fact() : problem.message());
    }

    private static byte[] bytes(ObjectNode json) {
        return json.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** A page of its own: the templates need a key, their style sheet does too. */
    private static String page(int status, Problem problem) {
        String message = problem.place().isEmpty() ? problem.fact() : problem.message();
        return "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\""
                + " content=\"width=device-width\"><title>Atelier: " + status + "</title><main><h1>" + status
                + "</h1><p>" + escaped(message) + "</p></main></html>\n";
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
