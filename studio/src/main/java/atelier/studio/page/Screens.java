package atelier.studio.page;

import atelier.common.page.Page;
import atelier.datasets.consent.ledger.Outcome;
import atelier.inference.sampler.schedule.SamplerKind;
import atelier.studio.check.CommandForm;
import atelier.studio.job.JobKind;
import atelier.studio.run.AdapterInfo;
import atelier.studio.run.Evaluation;
import atelier.studio.run.LedgerPage;
import atelier.studio.run.Metrics;
import atelier.studio.run.RunDetail;
import atelier.studio.run.RunSummary;
import atelier.studio.run.Sample;
import atelier.studio.server.Routes;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The pages that a person looks at. Each is whole without a script; scripts keep it up to date and send what is asked. */
public final class Screens implements Routes {
    private static final int LEDGER_ROWS = 100;
    /** Tiles of a screen: with a thousand runs no page weighs more than 200 KB. */
    private static final int RUNS = 60;

    private static final int ADAPTERS = 36;
    private static final int STRENGTHS = 24;

    private final StudioData data;
    private final Clock clock;

    /** @param clock the time and its zone, for people */
    public Screens(StudioData data, Clock clock) {
        this.data = data;
        this.clock = clock;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        new StaticFiles().addTo(routes);
        routes.get("/", this::runs);
        routes.get("/new", this::newRun);
        routes.get("/runs/{name}", this::run);
        routes.get("/runs/{name}/consent", this::consent);
        routes.get("/runs/{name}/report", this::report);
        routes.get("/draw", this::draw);
        routes.get("/library", this::library);
        routes.get("/compare", this::compare);
    }

    private void show(Context context, String template, Map<String, Object> values) {
        Map<String, Object> all = new LinkedHashMap<>(values);
        all.put("clock", clock);
        context.html(Page.render(template, all));
    }

    private void runs(Context context) throws Exception {
        List<RunSummary> all = data.runs();
        List<RunSummary> found = all.stream()
                .filter(run -> matches(run.name() + " " + run.word(), words(context)))
                .toList();
        Map<String, Evaluation> evaluations = new LinkedHashMap<>();
        data.evaluations().forEach(each -> evaluations.put(each.name(), each));
        show(
                context,
                "runs.jte",
                Map.of(
                        "runs",
                        slice(context, found, RUNS),
                        "none",
                        all.isEmpty(),
                        "queue",
                        data.queue(),
                        "evaluations",
                        evaluations));
    }

    /** What was searched for. */
    private static String words(Context context) {
        String words = context.queryParam("q");
        return words == null ? "" : words;
    }

    private static <T> Slice<T> slice(Context context, List<T> found, int most) {
        return Slice.of(found, whole(context.queryParam("part")), most, words(context));
    }

    private static boolean matches(String text, String words) {
        return List.of(words.toLowerCase(Locale.ROOT).strip().split("\\s+")).stream()
                .allMatch(text.toLowerCase(Locale.ROOT)::contains);
    }

    private void newRun(Context context) throws Exception {
        CommandForm.Description form = data.form();
        FieldWords words = FieldWords.train(form, data.ownForm());
        show(context, "newrun.jte", Map.of("form", form, "basic", words.basic(), "further", words.further()));
    }

    private void run(Context context) throws Exception {
        String name = context.pathParam("name");
        Metrics metrics = data.metrics(name);
        Chart loss = Chart.of(
                "Loss",
                List.of(
                        Chart.Source.column(name, metrics, "loss", "of each step", "raw", false),
                        Chart.Source.column(name, metrics, "loss_smoothed", "smoothed", "smooth", false),
                        Chart.Source.column(name, metrics, "validation", "validation", "validation", true)));
        Chart rate = Chart.of(
                "Learning rate", List.of(Chart.Source.column(name, metrics, "lr", "learning rate", "smooth", false)));
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("run", data.run(name));
        values.put("loss", loss);
        values.put("rate", rate);
        values.put("samples", data.samples(name));
        values.put("verdicts", verdicts(data.ledger(name, new LedgerPage.Query(null, 0, 1))));
        values.put("evaluation", data.evaluation(name));
        data.queue().stream()
                .filter(entry -> entry.is(JobKind.TRAIN, name))
                .findFirst()
                .ifPresent(entry -> values.put("waiting", entry));
        show(context, "run.jte", values);
    }

    /** The counts in the order in which they are read. */
    private static Map<String, Long> verdicts(LedgerPage page) {
        Map<String, Long> counts = new LinkedHashMap<>();
        for (Outcome outcome : Outcome.values()) {
            if (page.counts().containsKey(outcome.label())) {
                counts.put(outcome.label(), page.counts().get(outcome.label()));
            }
        }
        return counts;
    }

    private void consent(Context context) throws Exception {
        String name = context.pathParam("name");
        String verdict = context.queryParam("verdict");
        int from = whole(context.queryParam("from"));
        LedgerPage.Query query =
                new LedgerPage.Query(verdict == null || verdict.isEmpty() ? null : verdict, from, LEDGER_ROWS);
        LedgerPage page = data.ledger(name, query);
        show(
                context,
                "consent.jte",
                Map.of(
                        "name",
                        name,
                        "verdict",
                        verdict == null ? "" : verdict,
                        "page",
                        page,
                        "verdicts",
                        verdicts(page)));
    }

    /** A whole number of 0 or more; 0 where it is none. */
    private static int whole(@Nullable String text) {
        return text != null && text.matches("\\d{1,9}") ? Integer.parseInt(text) : 0;
    }

    private void report(Context context) throws Exception {
        FieldWords words = FieldWords.evaluate(data.evaluateForm());
        show(
                context,
                "report.jte",
                Map.of(
                        "detail",
                        data.evaluation(context.pathParam("name")),
                        "basic",
                        words.basic(),
                        "further",
                        words.further()));
    }

    private void draw(Context context) throws Exception {
        List<AdapterInfo> all = data.adapters();
        List<String> asked = context.queryParams("adapter");
        List<AdapterInfo> shown = new ArrayList<>();
        for (AdapterInfo each : all) {
            if (shown.size() < STRENGTHS || asked.contains(Words.adapter(each))) {
                shown.add(each);
            }
        }
        show(
                context,
                "draw.jte",
                Map.of(
                        "adapters",
                        shown,
                        "others",
                        all.size() - shown.size(),
                        "samplers",
                        List.of(SamplerKind.values()),
                        "defaults",
                        data.drawDefaults()));
    }

    private void library(Context context) throws Exception {
        List<AdapterInfo> adapters = data.adapters().stream()
                .filter(each -> matches(text(each), words(context)))
                .toList();
        Map<String, RunSummary> runs = new LinkedHashMap<>();
        data.runs().forEach(run -> runs.put(run.name(), run));
        show(context, "library.jte", Map.of("adapters", slice(context, adapters, ADAPTERS), "runs", runs));
    }

    private static String text(AdapterInfo adapter) {
        return String.join(
                " ",
                adapter.file(),
                adapter.title(),
                adapter.description(),
                adapter.trigger(),
                adapter.base(),
                adapter.method(),
                String.join(" ", adapter.licences().keySet()));
    }

    private void compare(Context context) throws Exception {
        List<RunSummary> runs = data.runs();
        String left = chosen(context.queryParam("a"), runs, 0);
        String right = chosen(context.queryParam("b"), runs, 1);
        List<Side> sides = new ArrayList<>();
        List<Chart.Source> curves = new ArrayList<>();
        for (String name : List.of(left, right)) {
            if (name.isEmpty()) {
                continue;
            }
            Metrics metrics = data.metrics(name);
            String style = sides.isEmpty() ? "smooth" : "other";
            curves.add(Chart.Source.column(name, metrics, "loss_smoothed", name + ", smoothed", style, false));
            curves.add(Chart.Source.column(name, metrics, "validation", name + ", validation", style, true));
            sides.add(new Side(data.run(name), data.samples(name)));
        }
        show(
                context,
                "compare.jte",
                Map.of(
                        "runs",
                        runs,
                        "sides",
                        sides,
                        "differences",
                        differences(sides),
                        "loss",
                        Chart.of("Loss", curves)));
    }

    private static String chosen(@Nullable String asked, List<RunSummary> runs, int otherwise) {
        return asked != null
                ? asked
                : otherwise < runs.size() ? runs.get(otherwise).name() : "";
    }

    /** A run in a comparison. */
    public record Side(RunDetail run, List<Sample> samples) {
        /** The last grid of samples. */
        public @Nullable Sample last() {
            Sample last = null;
            for (Sample sample : samples) {
                if (sample.step() > 0) {
                    last = sample;
                }
            }
            return last;
        }
    }

    /** Settings that differ: key to the values, in the sides' order. */
    private static Map<String, List<String>> differences(List<Side> sides) {
        Map<String, List<String>> differences = new LinkedHashMap<>();
        if (sides.size() == 2) {
            Map<String, String> left = sides.get(0).run().settings();
            Map<String, String> right = sides.get(1).run().settings();
            TreeSet<String> keys = new TreeSet<>(left.keySet());
            keys.addAll(right.keySet());
            for (String key : keys) {
                List<String> values = List.of(left.getOrDefault(key, "–"), right.getOrDefault(key, "–"));
                if (!values.get(0).equals(values.get(1))) {
                    differences.put(key, values);
                }
            }
        }
        return differences;
    }
}
