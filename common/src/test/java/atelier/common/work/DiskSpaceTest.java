package atelier.common.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskSpaceTest {
    @TempDir
    Path folder;

    private final List<String> said = new ArrayList<>();

    private DiskSpace disk() {
        return new DiskSpace(folder, Duration.ofMillis(5), said::add);
    }

    @AfterEach
    void forget() {
        StopSignal.forget();
    }

    @Test
    void aWriteIsDoneAgainUntilThereIsRoom() throws IOException {
        AtomicInteger tries = new AtomicInteger();
        disk().write(() -> {
            if (tries.incrementAndGet() < 4) {
                throw new IOException("No space left on device");
            }
        });
        assertThat(tries).hasValue(4);
        assertThat(said).hasSize(2);
        assertThat(said.get(0))
                .startsWith("the disk of " + folder + " is full (")
                .contains("free some, or stop with Ctrl-C");
        assertThat(said.get(1)).isEqualTo("there is room again: going on");
    }

    @Test
    void otherFaultsAreThrownAtOnce() {
        assertThatThrownBy(() -> disk().write(() -> {
                    throw new IOException("Input/output error");
                }))
                .hasMessage("Input/output error");
        assertThat(said).isEmpty();
    }

    @Test
    void theSignalToStopEndsTheWaiting() {
        assertThatThrownBy(() -> new DiskSpace(folder, Duration.ofMinutes(5), said::add).write(() -> {
                    if (said.isEmpty()) {
                        new Thread(StopSignal::raise).start();
                    }
                    throw new IOException("Disk quota exceeded");
                }))
                .hasMessage("Disk quota exceeded");
    }
}
