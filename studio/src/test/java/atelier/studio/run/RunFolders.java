package atelier.studio.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Folders as runs leave them. */
public final class RunFolders {
    public static final Path ROOT = Path.of(System.getProperty("atelier.root"));

    private RunFolders() {}

    /** A run with so many rows of figures, a validation every ten steps. */
    public static Path write(Path runs, String name, int rows, int steps) throws IOException {
        Path folder = Files.createDirectories(runs.resolve(name));
        Files.writeString(
                folder.resolve("resolved.conf"),
                "device=cpu\ntrain {\n    steps=" + steps + "\n    seed=0\n}\nrun {\n    name=\"" + name + "\"\n}\n");
        Files.writeString(folder.resolve("overrides.conf"), "overrides=[\n    \"train.steps=" + steps + "\"\n]\n");
        StringBuilder table = new StringBuilder("step,loss,lr,grad_norm,seconds,loss_smoothed,validation\n");
        for (int step = 1; step <= rows; step++) {
            table.append(String.format(
                    Locale.ROOT,
                    "%d,%.6f,1.0E-4,0.5,2.0,%.6f,%s%n",
                    step,
                    1.0 / step,
                    1.0 / step,
                    step % 10 == 0 ? "0.25" : ""));
        }
        if (rows > 0) {
            Files.writeString(folder.resolve("metrics.csv"), table);
        }
        return folder;
    }
}
