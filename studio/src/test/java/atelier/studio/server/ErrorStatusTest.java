package atelier.studio.server;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.common.error.RefusedException;
import atelier.common.error.WorkFailedException;
import atelier.common.error.WrongCommandException;
import atelier.studio.draw.DrawFault;
import io.javalin.http.ServiceUnavailableResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The same error has the same status wherever it is met. */
class ErrorStatusTest {
    @Test
    void everyKindOfErrorHasOneStatusInEveryInterface() {
        Map<Exception, Integer> table = new LinkedHashMap<>();
        table.put(new NotFoundException("run 'x'", "there is none", ""), 404);
        table.put(new BusyException("run 'x'", "it is running", ""), 409);
        table.put(new WrongCommandException("steps", "it is 0", ""), 422);
        table.put(new RefusedException("list.csv line 7", "Ada opted out", ""), 403);
        table.put(new WorkFailedException("the disk", "it is full", ""), 500);
        table.put(new ServiceUnavailableResponse("the queue is full"), 503);
        table.put(new IOException("the disk is full"), 500);
        table.put(new IllegalStateException("a fault"), 500);
        table.forEach((error, status) -> {
            assertThat(ErrorStatus.of(error)).as(error.toString()).isEqualTo(status);
            assertThat(DrawFault.of(error).status()).as(error.toString()).isEqualTo(status);
        });
        assertThat(DrawFault.of(new IllegalStateException("a fault")).expected())
                .isFalse();
        assertThat(DrawFault.of(new BusyException("run 'x'", "it is running", "wait"))
                        .message())
                .isEqualTo("run 'x': it is running; wait");
    }
}
