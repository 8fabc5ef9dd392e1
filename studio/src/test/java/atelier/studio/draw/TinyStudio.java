package atelier.studio.draw;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.cli.command.ExitStatus;
import atelier.cli.command.GenerateCommand;
import atelier.cli.command.Invocation;
import atelier.cli.config.Composer;
import atelier.cli.config.Composition;
import atelier.cli.config.ConfigFolder;
import atelier.diffusion.weights.safetensors.SafetensorsWriter;
import atelier.diffusion.weights.safetensors.TensorView;
import atelier.studio.server.Routes;
import atelier.studio.server.StudioServer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;

/** The drawing side on a tiny random model, with a server, and generate beside it. */
public final class TinyStudio implements AutoCloseable {
    private static final Path ROOT = Path.of(System.getProperty("atelier.root")).toAbsolutePath();
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Settings that draw fast; the tiny model's pictures are small. */
    public static final Map<String, Object> FAST = Map.of("steps", 2, "width", 32, "height", 32, "safety", "off");

    private final Path folder;
    private final Drawings drawings;
    private final StudioServer server;
    public final AtomicBoolean trains = new AtomicBoolean();
    public final List<JsonNode> events = new CopyOnWriteArrayList<>();

    public TinyStudio(Path folder, Function<Drawings, Routes> routes) {
        this.folder = folder;
        drawings = drawings(folder, trains::get, events::add);
        server = StudioServer.start(0, List.of(routes.apply(drawings)));
    }

    /** A worker on the tiny model, which is loaded for the first drawing. */
    public static Drawings drawings(Path folder, BooleanSupplier trains, Consumer<JsonNode> events) {
        Path runs = folder.resolve("runs");
        return new Drawings(
                ROOT,
                folder.resolve("data"),
                new ModelNames(model(), List.of("model.path=" + model(), "device=cpu"), runs),
                new AdapterNames(runs),
                trains,
                events);
    }

    public static Path model() {
        return ROOT.resolve("diffusion/src/test/resources/golden/models/sd1");
    }

    public Drawings drawings() {
        return drawings;
    }

    /** A random LoRA of a run. */
    public Path adapter(String run, long seed) throws IOException {
        return adapter(Files.createDirectories(folder.resolve("runs").resolve(run)), seed);
    }

    /** The same in any folder. */
    public static Path adapter(Path run, long seed) throws IOException {
        Random random = new Random(seed);
        Map<String, TensorView> tensors = new TreeMap<>();
        String block = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_";
        lora(tensors, random, block + "attn1_to_q", 16, 16);
        lora(tensors, random, block + "attn2_to_k", 32, 16);
        lora(tensors, random, "lora_te_text_model_encoder_layers_0_mlp_fc1", 32, 64);
        Path file = run.resolve("adapter.safetensors");
        SafetensorsWriter.write(file, tensors, Map.of());
        return file;
    }

    private static void lora(Map<String, TensorView> tensors, Random random, String name, int inputs, int outputs) {
        tensors.put(name + ".lora_down.weight", normal(random, 2, inputs));
        tensors.put(name + ".lora_up.weight", normal(random, outputs, 2));
        tensors.put(name + ".alpha", TensorView.ofFloats(new float[] {2}));
    }

    private static TensorView normal(Random random, int rows, int columns) {
        float[] values = new float[rows * columns];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return TensorView.ofFloats(values, rows, columns);
    }

    /** The folder that generate draws into, with the same model. */
    public Path generate(String name, String... changes) throws Exception {
        Path out = folder.resolve("generated-" + name);
        List<String> words = new ArrayList<>(List.of("model.path=" + model(), "device=cpu", "out=" + out));
        FAST.forEach((key, value) -> words.add(key + "=" + value));
        words.addAll(List.of(changes));
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        PrintStream to = new PrintStream(told, true, StandardCharsets.UTF_8);
        Composition composition = new Composer(new ConfigFolder(ROOT)).compose("generate", words);
        ExitStatus status = new GenerateCommand().run(new Invocation(ROOT, composition, to, to, false));
        assertThat(status).as(told.toString(StandardCharsets.UTF_8)).isEqualTo(ExitStatus.DONE);
        return out;
    }

    /** An answer: its status, and its JSON. */
    public record Answer(int status, JsonNode json) {}

    public Answer post(String path, String body) throws IOException, InterruptedException {
        return send(
                path,
                HttpRequest.newBuilder()
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    public Answer get(String path) throws IOException, InterruptedException {
        return send(path, HttpRequest.newBuilder().GET());
    }

    public Answer delete(String path) throws IOException, InterruptedException {
        return send(path, HttpRequest.newBuilder().DELETE());
    }

    private Answer send(String path, HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        request.uri(URI.create("http://127.0.0.1:" + server.port() + path))
                                .header(
                                        "Authorization",
                                        "Bearer " + server.key().text())
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        return new Answer(answer.statusCode(), JSON.readTree(answer.body()));
    }

    @Override
    public void close() {
        drawings.close();
        server.close();
    }
}
