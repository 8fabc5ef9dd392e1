package atelier.studio.event;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;

/**
 * Something that has changed.
 *
 * @param id rises from event to event, over restarts of the studio too
 * @param type a word: run, queue, draw
 * @param data what is so now
 */
public record Event(long id, String type, JsonNode data) {
    public Event {
        if (!type.matches("[a-z_]{1,32}")) {
            throw new IllegalArgumentException("an event's type is one word of small letters, got " + type);
        }
    }

    /** As it goes over the line; the JSON holds no line ends. */
    byte[] bytes() {
        return ("id: " + id + "\nevent: " + type + "\ndata: " + data + "\n\n").getBytes(StandardCharsets.UTF_8);
    }
}
