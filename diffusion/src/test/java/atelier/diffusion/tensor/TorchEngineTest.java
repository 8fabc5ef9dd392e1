package atelier.diffusion.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TorchEngineTest {
    private static final Path TASKS = Path.of("/proc/self/task");
    private static final int OPERATIONS = 300;

    /** Field case 1: threads that spin while they wait take the processors that other programs need. */
    @Test
    void threadsThatWaitSleep() throws Exception {
        assumeTrue(Files.isDirectory(TASKS), "threads are counted in /proc");
        assumeTrue(System.getenv("OMP_WAIT_POLICY") == null && System.getenv("GOMP_SPINCOUNT") == null, "ours to say");
        TorchEngine.load();
        Set<String> before = tasks();
        // Tests run with one thread.
        JniUtils.setNumThreads(2);
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            var values = manager.ones(new Shape(1 << 20));
            values.exp().close();
            Set<String> pool = tasks();
            pool.removeAll(before);
            assertThat(pool).isNotEmpty();
            long start = ticks(pool);
            for (int i = 0; i < OPERATIONS; i++) {
                values.exp().close();
                Thread.sleep(5);
            }
            // An operation's own part is a millisecond; a wait that spins takes three more, on each thread.
            double milliseconds = 10.0 * (ticks(pool) - start) / pool.size();
            assertThat(milliseconds / OPERATIONS).isLessThan(2);
        } finally {
            JniUtils.setNumThreads(1);
        }
    }

    @Test
    void whatIsKeptOnDiskKnowsHowManyThreadsMadeIt() {
        try (Kernels kernels = Kernels.load(Device.cpu())) {
            JniUtils.setNumThreads(2);
            String two = kernels.arithmetic();
            JniUtils.setNumThreads(1);
            assertThat(two).isEqualTo("cpu, threads: 2").isNotEqualTo(kernels.arithmetic());
        } finally {
            JniUtils.setNumThreads(1);
        }
    }

    private static Set<String> tasks() throws IOException {
        try (Stream<Path> tasks = Files.list(TASKS)) {
            return tasks.map(task -> task.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    /** Processor time in hundredths of a second (proc(5): utime and stime). */
    private static long ticks(Set<String> tasks) throws IOException {
        long sum = 0;
        for (String task : tasks) {
            String stat = Files.readString(TASKS.resolve(task).resolve("stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            sum += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
        }
        return sum;
    }
}
