package atelier.studio.page;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The studio as a process of its own, as the launcher starts it, on a folder of its own. */
final class StudioProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader said;
    private final String link;

    private StudioProcess(Process process) throws IOException {
        this.process = process;
        this.said = process.inputReader(StandardCharsets.UTF_8);
        this.link = link(said);
    }

    /**
     * Starts it and waits for its link.
     *
     * @param folder that holds its data and its runs
     * @param more changes of its settings
     */
    static StudioProcess start(Path folder, String... more) throws IOException {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx2g",
                "-XX:+UseSerialGC",
                "-Datelier.root=" + FakeRoutes.ROOT,
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "atelier.cli.Atelier",
                "studio",
                "studio.port=0",
                "studio.open=false",
                "studio.data=" + folder.resolve("studio"),
                "run.dir=" + folder.resolve("runs")));
        words.addAll(List.of(more));
        return new StudioProcess(new ProcessBuilder(words)
                .directory(FakeRoutes.ROOT.toFile())
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("studio.log").toFile()))
                .start());
    }

    private static String link(BufferedReader said) throws IOException {
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            int at = line.indexOf("http://");
            if (at >= 0) {
                return line.substring(at).strip();
            }
        }
        throw new AssertionError("the studio printed no link");
    }

    /** The printed link, which holds the key. */
    String link() {
        return link;
    }

    /** The address of a path, for a browser that has the cookie. */
    String address(String path) {
        return link.replaceAll("/\\?.*", path);
    }

    /** Sends JSON to it; gives the answer's body. */
    String post(String path, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address(path)))
                .header("Authorization", "Bearer " + link.substring(link.indexOf("key=") + "key=".length()))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .body();
    }

    /** Ends it as {@code kill -9} does. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        said.close();
    }
}
