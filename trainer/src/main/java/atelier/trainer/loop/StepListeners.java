package atelier.trainer.loop;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Several listeners as one, in a stated order. */
public record StepListeners(List<StepListener> all) implements StepListener {
    public StepListeners {
        all = List.copyOf(all);
    }

    @Override
    public Map<String, Double> measure(long step, boolean last) throws IOException, InterruptedException {
        Map<String, Double> figures = new LinkedHashMap<>();
        for (StepListener each : all) {
            figures.putAll(each.measure(step, last));
        }
        return figures;
    }

    @Override
    public void after(FinishedStep step) throws IOException {
        for (StepListener each : all) {
            each.after(step);
        }
    }

    @Override
    public void interrupted(long step) throws IOException {
        for (StepListener each : all) {
            each.interrupted(step);
        }
    }

    @Override
    public boolean isOver() {
        return all.stream().anyMatch(StepListener::isOver);
    }

    @Override
    public Optional<String> kept() {
        return all.stream().flatMap(each -> each.kept().stream()).findFirst();
    }
}
