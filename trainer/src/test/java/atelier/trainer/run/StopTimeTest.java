package atelier.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;

class StopTimeTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    private static Duration until(String now, String time) {
        return StopTime.until(LocalTime.parse(time), Clock.fixed(Instant.parse(now), BERLIN));
    }

    @Test
    void theNextSuchTimeOfDayIsMeant() {
        assertThat(until("2026-01-10T22:30:00Z", "06:00")).isEqualTo(Duration.ofMinutes(390));
        assertThat(until("2026-01-10T05:00:00Z", "06:00")).isEqualTo(Duration.ofHours(24));
        assertThat(until("2026-01-10T04:59:30Z", "06:00")).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void aChangeOfTheClockIsCountedIn() {
        // The night in which clocks go from 2 to 3 is an hour shorter.
        assertThat(until("2026-03-28T22:00:00Z", "06:00")).isEqualTo(Duration.ofHours(6));
    }
}
