package atelier.studio.api;

import io.javalin.http.Context;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/**
 * Answers with a file. Its type comes from a short list by the ending; whatever else it is, SVG and HTML among it, is
 * handed over to be saved, never shown.
 */
public final class FileAnswer {
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final Map<String, String> SHOWN = Map.ofEntries(
            Map.entry("png", "image/png"),
            Map.entry("jpg", "image/jpeg"),
            Map.entry("jpeg", "image/jpeg"),
            Map.entry("webp", "image/webp"),
            Map.entry("gif", "image/gif"),
            Map.entry("txt", TEXT),
            Map.entry("md", TEXT),
            Map.entry("csv", TEXT),
            Map.entry("log", TEXT),
            Map.entry("conf", TEXT),
            Map.entry("json", "application/json"));

    private FileAnswer() {}

    /** Any file. */
    public static void send(Context context, Path file) throws IOException {
        String type = SHOWN.get(ending(file));
        if (type == null) {
            context.header("Content-Disposition", attachment(file.getFileName().toString()));
        }
        send(context, file, type == null ? "application/octet-stream" : type);
    }

    /** A page of a report, for a frame that runs no scripts, or a file beside it. */
    static void sendReport(Context context, Path file) throws IOException {
        if (ending(file).equals("html")) {
            send(context, file, "text/html; charset=utf-8");
        } else {
            send(context, file);
        }
    }

    private static void send(Context context, Path file, String type) throws IOException {
        context.contentType(type);
        context.result(Files.newInputStream(file));
    }

    private static String ending(Path file) {
        String name = file.getFileName().toString();
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }

    /** The name twice, as RFC 6266 has it: for old readers in ASCII, for others in UTF-8. */
    private static String attachment(String name) {
        StringBuilder encoded = new StringBuilder();
        for (byte each : name.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (each & 0xff);
            boolean plain = c < 128 && (Character.isLetterOrDigit(c) || c == '.' || c == '-' || c == '_');
            encoded.append(plain ? String.valueOf(c) : String.format(Locale.ROOT, "%%%02X", each & 0xff));
        }
        return "attachment; filename=\"" + name.replaceAll("[^A-Za-z0-9._-]", "_") + "\"; filename*=UTF-8''" + encoded;
    }
}
