package atelier.cli.config;

import atelier.common.error.WrongCommandException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The small configuration under src/test/resources/tree, and records that read it. */
final class Tree {
    enum Device {
        AUTO,
        CPU,
        CUDA
    }

    enum Dtype {
        FP32,
        BF16,
        FP16
    }

    enum Method {
        LORA,
        LOCON,
        DORA
    }

    enum Target {
        ATTENTION,
        FEED_FORWARD,
        PROJECTIONS,
        RESNETS
    }

    record Data(Path pairs, List<Path> manifests) {}

    record Model(Path path, Dtype dtype) {}

    record Adapter(Method method, int rank, List<Target> targets, Map<String, Integer> ranks) {
        Adapter {
            if (rank < 1) {
                throw new WrongCommandException("adapter.rank must be at least 1, got " + rank);
            }
        }
    }

    record Train(long steps, int saveEvery, double rate, boolean shuffle, Duration limit) {
        Train {
            if (steps < 1) {
                throw new WrongCommandException("train.steps must be at least 1, got " + steps);
            }
        }
    }

    record Settings(
            Data data,
            Model model,
            Adapter adapter,
            Train train,
            Device device,
            @Nullable Path resume) {}

    private Tree() {}

    static Path root() {
        try {
            URI uri = Objects.requireNonNull(Tree.class.getResource("/tree")).toURI();
            return Path.of(uri);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static Composition compose(String... words) {
        return new Composer(new ConfigFolder(root())).compose("train", List.of(words));
    }

    static Settings settings(String... words) {
        return compose(words).bind(Settings.class);
    }
}
