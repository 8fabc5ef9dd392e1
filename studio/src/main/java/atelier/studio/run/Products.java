package atelier.studio.run;

import atelier.trainer.folder.RunFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What a run left that may be taken to other programs. */
final class Products {
    private static final String ANYWHERE = "kohya's format: A1111, Forge, ComfyUI, InvokeAI, SD.Next, diffusers";

    private Products() {}

    static List<RunDetail.Product> of(Path run) throws IOException {
        List<RunDetail.Product> products = new ArrayList<>();
        add(products, run, "adapter.safetensors", "the adapter, in " + ANYWHERE);
        add(products, run, "adapter-best.safetensors", "the adapter of the least validation loss, in " + ANYWHERE);
        add(
                products,
                run,
                "merged",
                "the base with the adapter in it, a diffusers folder: diffusers, InvokeAI, SD.Next");
        for (long step : AdapterList.savedSteps(new RunFolder(run))) {
            String file = run.relativize(new RunFolder(run).adapterOf(step))
                    .toString()
                    .replace('\\', '/');
            add(products, run, file, "the adapter after step " + step + ", in " + ANYWHERE);
        }
        Path export = run.resolve("export");
        if (Files.isDirectory(export)) {
            try (Stream<Path> files = Files.list(export)) {
                for (Path file : files.sorted().toList()) {
                    String name = file.getFileName().toString();
                    if (!name.startsWith(".")) {
                        add(products, run, "export/" + name, "a further format; docs/exports.md says what loads it");
                    }
                }
            }
        }
        add(products, run, "ledger.csv", "the verdict on every picture");
        add(products, run, "credits.md", "who made the pictures");
        return products;
    }

    private static void add(List<RunDetail.Product> products, Path run, String name, String use) throws IOException {
        Path path = run.resolve(name);
        if (Files.isDirectory(path)) {
            products.add(new RunDetail.Product(name, 0, use));
        } else if (Files.isRegularFile(path)) {
            products.add(new RunDetail.Product(name, Files.size(path), use));
        }
    }
}
