package atelier.inference.prompt;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What a prompt says once its syntax is gone. */
public final class PlainWords {
    private PlainWords() {}

    /**
     * Every text that a prompt has on its way, without brackets and weights, so that {@code (Jo:1.2) Ex[am]ple} is read as
     * it is drawn: "Jo Example".
     *
     * @param steps of the schedule
     */
    public static List<String> of(String prompt, int steps) {
        Set<String> texts = new LinkedHashSet<>();
        for (PromptSchedule.Span span : PromptSchedule.of(prompt, steps).spans()) {
            texts.add(PromptAttention.parse(span.text()).stream()
                    .map(part -> part.isBreak() ? " " : part.text())
                    .collect(Collectors.joining()));
        }
        return List.copyOf(texts);
    }
}
