package atelier.trainer.run;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import atelier.common.error.WrongCommandException;
import atelier.trainer.memory.HostMemory;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Row 11: a run that cannot fit is refused before it starts. */
class RunCostTest {
    private static final long GIB = 1L << 30;
    private static final Path RUNS = Path.of("runs");

    private final HostMemory host = new HostMemory(8 * GIB, 2 * GIB);

    @Test
    void aDiskThatIsTooSmallIsNamedWithWhatIsNeededAndFree() {
        RunCost cost = new RunCost(true, GIB, 3 * GIB, 0, 5 * GIB);
        assertThatThrownBy(() -> cost.requireRoom(host, 4 * GIB, RUNS))
                .isInstanceOf(WrongCommandException.class)
                .hasMessageContainingAll("run.dir", "5.0 GiB", "4.0 GiB are free in runs", "export.merged=false");
        assertThatCode(() -> cost.requireRoom(host, 6 * GIB, RUNS)).doesNotThrowAnyException();
    }

    @Test
    void weightsThatTheMachineCannotHoldAreRefusedOnTheCpuOnly() {
        assertThatThrownBy(() -> new RunCost(true, 9 * GIB, 12 * GIB, 0, 0).requireRoom(host, GIB, RUNS))
                .isInstanceOf(WrongCommandException.class)
                .hasMessageContainingAll("9.0 GiB", "8.0 GiB");
        assertThatCode(() -> new RunCost(false, 9 * GIB, 12 * GIB, 0, 0).requireRoom(host, GIB, RUNS))
                .doesNotThrowAnyException();
        // An estimate only warns.
        assertThatCode(() -> new RunCost(true, GIB, 12 * GIB, 0, 0).requireRoom(host, GIB, RUNS))
                .doesNotThrowAnyException();
    }
}
