package atelier.cluster.train;

import atelier.cluster.engine.ClusterSession;
import atelier.cluster.engine.ClusterSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.broadcast.Broadcast;

/**
 * Times what a step of cluster train costs beside its passes: values to all executors, a task for each, gradients back, and
 * nothing computed in between. Arguments: master, executors, numbers that are trained, steps, fp32 or bf16, more
 * of Spark's settings. The system property cluster.folder names the folder of a cluster that was started.
 */
public final class StepOverhead {
    private StepOverhead() {}

    /** Takes the values and gives as many numbers back. */
    private record Nothing(Transport transport, Broadcast<byte[]> values) implements Function<Integer, byte[]> {
        private static final long serialVersionUID = 1L;

        @Override
        public byte[] call(Integer task) {
            return transport.bytes(transport.numbers(values.value()));
        }
    }

    private static double driverSeconds() {
        return ProcessHandle.current()
                        .info()
                        .totalCpuDuration()
                        .orElse(Duration.ZERO)
                        .toMillis()
                / 1e3;
    }

    public static void main(String[] arguments) throws Exception {
        int executors = Integer.parseInt(arguments[1]);
        Transport transport = Transport.valueOf(arguments[4].toUpperCase(Locale.ROOT));
        float[] values = new float[Integer.parseInt(arguments[2])];
        Random random = new Random(1);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        ClusterSettings settings = new ClusterSettings(
                arguments[0],
                executors,
                1,
                "1g",
                "512m",
                null,
                Path.of(System.getProperty("cluster.folder", "checkpoints/cluster")),
                null,
                List.of(arguments).subList(5, arguments.length));
        List<Double> times = new ArrayList<>();
        int all = Integer.parseInt(arguments[3]);
        double before = 0;
        double after = 0;
        try (ClusterSession session =
                ClusterSession.open(Path.of(""), settings, "overhead", ClusterPasses.job(1), System.out)) {
            List<Integer> tasks = new ArrayList<>();
            for (int i = 0; i < executors; i++) {
                tasks.add(i);
            }
            for (int step = 0; step < all; step++) {
                before = step == all / 4 ? driverSeconds() : before;
                long start = System.nanoTime();
                Broadcast<byte[]> sent = session.context().broadcast(transport.bytes(values));
                List<byte[]> back = session.context()
                        .parallelize(tasks, executors)
                        .map(new Nothing(transport, sent))
                        .collect();
                float sum = 0;
                for (byte[] each : back) {
                    sum += transport.numbers(each)[0];
                }
                sent.destroy();
                times.add((System.nanoTime() - start) / 1e9);
                after = driverSeconds();
                if (Float.isNaN(sum)) {
                    throw new IllegalStateException("numbers were lost");
                }
            }
        }
        double[] sorted = times.subList(times.size() / 4, times.size()).stream()
                .mapToDouble(Double::doubleValue)
                .sorted()
                .toArray();
        System.out.printf(
                Locale.ROOT,
                "%s: %d numbers, %d executors: median %.3f s, least %.3f, most %.3f; %.3f s of this process' CPU;"
                        + " first %s%n",
                transport,
                values.length,
                executors,
                sorted[sorted.length / 2],
                sorted[0],
                sorted[sorted.length - 1],
                (after - before) / (all - all / 4),
                Arrays.toString(times.subList(0, Math.min(3, times.size())).toArray()));
    }
}
