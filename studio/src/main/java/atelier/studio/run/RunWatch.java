package atelier.studio.run;

import atelier.studio.event.Events;
import atelier.studio.job.QueueEntry;
import atelier.studio.server.Json;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at runs and evaluations every second while somebody listens, else every five, tells what has changed, and starts
 * what waits.
 * It asks folders and processes, since runs of terminals tell nobody.
 */
public final class RunWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunWatch.class);
    private static final long TICK_MS = 1000;
    private static final int IDLE_TICKS = 5;

    private final Runs runs;
    private final Evaluations evaluations;
    private final RunControl control;
    private final Events events;
    private final Thread thread = new Thread(this::watch, "run-watch");
    private Map<String, RunSummary> known = new HashMap<>();
    private Map<String, Evaluation> evaluated = new HashMap<>();
    private List<QueueEntry> queue = List.of();
    private volatile boolean open = true;

    private RunWatch(Desk desk, Events events) {
        this.runs = desk.runs();
        this.evaluations = desk.evaluations();
        this.control = desk.control();
        this.events = events;
    }

    /** Begins to look. */
    public static RunWatch start(Desk desk, Events events) {
        RunWatch watch = new RunWatch(desk, events);
        watch.thread.setDaemon(true);
        watch.thread.start();
        return watch;
    }

    private void watch() {
        int tick = 0;
        boolean first = true;
        while (open) {
            try {
                if (first || events.isHeard() || tick % IDLE_TICKS == 0) {
                    look(!first);
                    first = false;
                }
                tick++;
                Thread.sleep(TICK_MS);
            } catch (InterruptedException e) {
                return;
            } catch (IOException | RuntimeException e) {
                LOG.warn("the runs cannot be looked at: {}", e.toString());
                tick++;
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(TICK_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** @param tells whether differences are news */
    void look(boolean tells) throws IOException {
        control.next();
        Map<String, RunSummary> now = new HashMap<>();
        for (RunSummary run : runs.list()) {
            now.put(run.name(), run);
            if (tells && !run.equals(known.get(run.name()))) {
                events.publish("run", Json.tree(run));
            }
        }
        for (String name : known.keySet()) {
            if (tells && !now.containsKey(name)) {
                events.publish("run_gone", Json.tree(Map.of("name", name)));
            }
        }
        known = now;
        Map<String, Evaluation> judged = new HashMap<>();
        for (Evaluation evaluation : evaluations.list()) {
            judged.put(evaluation.name(), evaluation);
            if (tells && !evaluation.equals(evaluated.get(evaluation.name()))) {
                events.publish("evaluation", Json.tree(evaluation));
            }
        }
        for (String name : evaluated.keySet()) {
            if (tells && !judged.containsKey(name)) {
                events.publish("evaluation", Json.tree(evaluations.of(name)));
            }
        }
        evaluated = judged;
        List<QueueEntry> waiting = control.queue().entries();
        if (tells && !waiting.equals(queue)) {
            events.publish("queue", Json.tree(waiting));
        }
        queue = waiting;
    }

    @Override
    public void close() {
        open = false;
        thread.interrupt();
    }
}
