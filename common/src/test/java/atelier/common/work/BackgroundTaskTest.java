package atelier.common.work;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class BackgroundTaskTest {
    private static BackgroundTask<String> failing() {
        return BackgroundTask.start("failing", () -> {
            throw new IOException("the disk is full");
        });
    }

    @Test
    void closingWaitsForTheWork() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        AtomicBoolean done = new AtomicBoolean();
        try (BackgroundTask<String> work = BackgroundTask.start("work", () -> {
            go.await();
            done.set(true);
            return "made";
        })) {
            assertThat(done).isFalse();
            go.countDown();
        }
        assertThat(done).isTrue();
    }

    @Test
    void itsFaultIsThrownWhenItIsAskedForOrElseOnClosing() {
        assertThatThrownBy(() -> failing().close()).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> {
                    try (BackgroundTask<String> work = failing()) {
                        work.result();
                    }
                })
                .isInstanceOf(IOException.class)
                .hasMessage("the disk is full")
                .hasNoSuppressedExceptions();
    }

    @Test
    void itsFaultComesBesideThatOfWhoeverLeftEarly() {
        assertThatThrownBy(() -> {
                    try (BackgroundTask<String> work = failing()) {
                        throw new IllegalStateException("left early");
                    }
                })
                .isInstanceOf(IllegalStateException.class)
                .hasSuppressedException(new IOException("the disk is full"));
    }
}
