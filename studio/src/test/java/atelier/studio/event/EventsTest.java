package atelier.studio.event;

import static org.assertj.core.api.Assertions.assertThat;

import atelier.studio.server.Json;
import atelier.studio.server.RawHttp;
import atelier.studio.server.StudioServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventsTest {
    private static List<Event> heard(Listener listener) throws InterruptedException {
        List<Event> heard = new ArrayList<>();
        for (Event event = listener.next(10); event != null; event = listener.next(10)) {
            heard.add(event);
        }
        return heard;
    }

    @Test
    void whoWasAwayHearsWhatWasMissed() throws Exception {
        Events events = new Events();
        events.publish("run", Json.tree(Map.of("step", 1)));
        long first = events.kept().get(0).id();
        events.publish("run", Json.tree(Map.of("step", 2)));
        events.publish("queue", Json.tree(List.of()));
        Listener back = events.listen(first);
        assertThat(back).isNotNull();
        assertThat(heard(back)).extracting(Event::type).containsExactly("run", "queue");
        Listener anew = events.listen(0);
        assertThat(heard(anew)).isEmpty();
    }

    @Test
    void whoWasAwayForTooLongLooksAtEverythingAnew() throws Exception {
        Events events = new Events();
        for (int i = 0; i < Events.KEPT + 5; i++) {
            events.publish("run", Json.tree(Map.of("step", i)));
        }
        long oldest = events.kept().get(0).id();
        assertThat(heard(events.listen(oldest - 2))).extracting(Event::type).containsExactly("reset");
        assertThat(heard(events.listen(oldest - 1))).hasSize(Events.KEPT);
        assertThat(heard(new Events().listen(5)))
                .as("of an earlier start")
                .extracting(Event::type)
                .containsExactly("reset");
    }

    @Test
    void whoDoesNotKeepUpIsLetGo() {
        Events events = new Events();
        Listener slow = events.listen(0);
        for (int i = 0; i < 2 * Events.KEPT; i++) {
            events.publish("run", Json.tree(Map.of("step", i)));
        }
        assertThat(slow.isOpen()).isFalse();
        assertThat(events.isHeard()).isFalse();
    }

    @Test
    void listenersAreBounded() {
        Events events = new Events();
        for (int i = 0; i < Events.MOST_LISTENERS; i++) {
            assertThat(events.listen(0)).isNotNull();
        }
        assertThat(events.listen(0)).isNull();
    }

    @Test
    void eventsComeOverTheLineWithIds() throws Exception {
        Events events = new Events();
        try (StudioServer server = StudioServer.start(0, List.of(new EventRoutes(events)))) {
            events.publish("run", Json.tree(Map.of("name", "demo")));
            long id = events.kept().get(0).id();
            Thread end = new Thread(() -> {
                while (!events.isHeard()) {
                    Thread.onSpinWait();
                }
                events.publish("queue", Json.tree(List.of()));
                sleep();
                events.close();
            });
            end.start();
            RawHttp.Answer answer = new RawHttp(server.port())
                    .send(
                            "GET /api/v1/events",
                            "Authorization: Bearer " + server.key().text(),
                            "Last-Event-ID: " + (id - 1));
            end.join();
            assertThat(answer.header("Content-Type")).startsWith("text/event-stream");
            assertThat(answer.text())
                    .contains("id: " + id + "\nevent: run\ndata: {\"name\":\"demo\"}\n\n")
                    .contains("event: queue\ndata: []\n\n");
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(1500);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
