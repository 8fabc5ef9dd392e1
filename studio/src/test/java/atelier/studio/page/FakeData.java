package atelier.studio.page;

import atelier.studio.check.CommandForm;
import atelier.studio.job.JobKind;
import atelier.studio.job.QueueEntry;
import atelier.studio.run.AdapterInfo;
import atelier.studio.run.Evaluation;
import atelier.studio.run.EvaluationDetail;
import atelier.studio.run.EvaluationState;
import atelier.studio.run.LedgerPage;
import atelier.studio.run.LedgerRow;
import atelier.studio.run.Metrics;
import atelier.studio.run.RunDetail;
import atelier.studio.run.RunState;
import atelier.studio.run.RunSummary;
import atelier.studio.run.Sample;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** Runs in every state, and all that the screens show of them. */
final class FakeData implements StudioData {
    static final Instant NOW = Instant.parse("2026-12-01T10:00:00Z");
    private final CommandForm.Description form;
    private final CommandForm.Description ownForm;
    private final CommandForm.Description evaluateForm;
    /** More runs than those that have names of their own. */
    int more;

    FakeData() {
        form = CommandForm.train(FakeRoutes.ROOT).describe(List.of());
        ownForm = CommandForm.train(FakeRoutes.ROOT).describe(List.of("data.pairs=pictures"));
        evaluateForm = CommandForm.evaluate(FakeRoutes.ROOT).describe(List.of());
    }

    private static RunSummary run(String name, RunState state, String reason, long step, boolean adapter) {
        return new RunSummary(
                name,
                state,
                state.word(),
                reason,
                step,
                300,
                state.isRunning() ? NOW.plusSeconds(7_500) : null,
                NOW.minusSeconds(name.length() * 500L),
                0.412,
                step > 100 ? 0.3871 : null,
                step > 100 ? 100 : 0,
                step > 100 ? "step-000100.png" : null,
                adapter);
    }

    @Override
    public List<RunSummary> runs() {
        List<RunSummary> runs = new ArrayList<>(List.of(
                run("gouache", RunState.TRAINING, null, 130, false),
                run("demo", RunState.DONE, null, 300, true),
                run("birds", RunState.PREPARING, null, 0, false),
                run("ink", RunState.STOPPED, null, 200, false),
                run(
                        "charcoal",
                        RunState.FAILED,
                        "the loss is not finite after step 41: lower optimizer.lr, or train in bf16",
                        41,
                        false),
                run(
                        "portraits",
                        RunState.WITHHELD,
                        "3 training pictures come back; train fewer steps, or on more pictures",
                        300,
                        false)));
        for (int i = 0; i < more; i++) {
            runs.add(run("watercolour-study-" + i, RunState.STOPPED, "after step 200", 200, true));
        }
        return runs;
    }

    @Override
    public RunDetail run(String name) {
        RunSummary summary = runs().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
        boolean done = summary.state() == RunState.DONE;
        return new RunDetail(
                summary,
                new TreeMap<>(Map.of(
                        "adapter.rank",
                        "16",
                        "optimizer.lr",
                        "1e-4",
                        "train.steps",
                        "300",
                        "run.name",
                        name,
                        "run.dir",
                        "checkpoints")),
                Map.of("experiment", List.of("style")),
                List.of("experiment=style", "data.pairs=gouache/captions.csv", "train.steps=300"),
                "scripts/atelier train experiment=style data.pairs=gouache/captions.csv train.steps=300",
                summary.state() == RunState.STOPPED,
                List.of(100L, 200L),
                done
                        ? List.of(
                                new RunDetail.Product(
                                        "adapter.safetensors",
                                        3_412_000,
                                        "the adapter: A1111, Forge, ComfyUI, InvokeAI, SD.Next, diffusers"),
                                new RunDetail.Product("merged", 0, "base and adapter in one: diffusers, InvokeAI"),
                                new RunDetail.Product("credits.md", 8_000, "who made the pictures"))
                        : List.of(),
                summary.state() == RunState.WITHHELD ? "3 of 40 pictures come back, 0 may." : null,
                done,
                "reading captions.csv\n327 pictures: 318 included, 9 excluded, 0 failed\nstep 100  loss 0.4120\n");
    }

    @Override
    public Metrics metrics(String name) {
        Random random = new Random(name.hashCode());
        List<double[]> rows = new ArrayList<>();
        double smooth = 0.6;
        long steps = run(name).summary().step();
        for (int step = 1; step <= steps; step++) {
            double loss = 0.35 + 0.25 * Math.exp(-step / 80.0) + random.nextGaussian() * 0.08;
            smooth = 0.95 * smooth + 0.05 * loss;
            rows.add(new double[] {
                step,
                loss,
                smooth,
                1e-4 * Math.min(1, step / 10.0) * (1 - step / 400.0),
                step % 50 == 0 ? 0.36 + 0.2 * Math.exp(-step / 90.0) : Double.NaN
            });
        }
        return new Metrics(List.of("step", "loss", "loss_smoothed", "lr", "validation"), rows, steps, steps, false);
    }

    @Override
    public List<Sample> samples(String name) {
        long steps = run(name).summary().step();
        List<Sample> samples = new ArrayList<>();
        for (int step = 100; step <= steps; step += 100) {
            samples.add(new Sample(step, "step-000" + step + ".png", "after step " + step));
        }
        if (steps == 300) {
            samples.add(new Sample(0, "before-after.png", "the base above, the adapter below"));
        }
        return samples;
    }

    @Override
    public LedgerPage ledger(String name, LedgerPage.Query query) {
        return new LedgerPage(
                3,
                0,
                new TreeMap<>(Map.of("included", 318L, "excluded", 9L, "failed", 1L)),
                List.of(
                        new LedgerRow(
                                "images/1F435.png",
                                "included",
                                "open",
                                "nothing objects",
                                "",
                                "",
                                "Sofie Ascherl",
                                "CC-BY-SA-4.0",
                                ""),
                        new LedgerRow(
                                "images/1F98D.png",
                                "excluded",
                                "creator",
                                "its creator opted out <b>",
                                "optout.jsonl",
                                "4",
                                "Mariella Steeb",
                                "CC-BY-SA-4.0",
                                "https://openmoji.org"),
                        new LedgerRow(
                                "images/broken.png",
                                "failed",
                                "unusable",
                                "it is no picture",
                                "captions.csv",
                                "31",
                                "",
                                "",
                                "")));
    }

    @Override
    public List<QueueEntry> queue() {
        return List.of(
                new QueueEntry("a1", JobKind.TRAIN, "night-one", List.of("train.steps=2000"), NOW.minusSeconds(4000)),
                new QueueEntry("a2", JobKind.TRAIN, "ink", List.of("resume=checkpoints/ink"), NOW.minusSeconds(60)));
    }

    @Override
    public CommandForm.Description form() {
        return form;
    }

    @Override
    public CommandForm.Description ownForm() {
        return ownForm;
    }

    @Override
    public CommandForm.Description evaluateForm() {
        return evaluateForm;
    }

    @Override
    public EvaluationDetail evaluation(String name) {
        RunState state = run(name).summary().state();
        Evaluation evaluation = name.equals("ink")
                ? new Evaluation(
                        name,
                        EvaluationState.RUNNING,
                        EvaluationState.RUNNING.word(),
                        "drawing 50 pictures at strength 0.5",
                        43,
                        NOW.plusSeconds(700),
                        null)
                : new Evaluation(
                        name,
                        state == RunState.DONE ? EvaluationState.DONE : EvaluationState.NONE,
                        "",
                        null,
                        null,
                        null,
                        state == RunState.DONE ? NOW.minusSeconds(9_000) : null);
        return new EvaluationDetail(
                evaluation,
                state == RunState.DONE || name.equals("ink") ? null : "it left no adapter",
                null,
                "scripts/atelier evaluate run=checkpoints/" + name,
                name.equals("ink") ? "drawing 50 pictures at strength 0.0\nevaluate: 43 %, 11:40 left\n" : "");
    }

    @Override
    public List<Evaluation> evaluations() {
        return List.of(evaluation("ink").evaluation());
    }

    @Override
    public List<AdapterInfo> adapters() {
        List<AdapterInfo> adapters = new ArrayList<>(List.of(
                adapter("demo", "demo/adapter.safetensors", "OpenMoji in colour", "openmoji"),
                adapter("gouache", "gouache/adapter-best.safetensors", "", "")));
        for (int i = 0; i < more; i++) {
            String name = "watercolour-study-" + i;
            adapters.add(adapter(name, name + "/adapter.safetensors", name, "watercolour"));
        }
        return adapters;
    }

    private static AdapterInfo adapter(String run, String file, String title, String trigger) {
        return new AdapterInfo(
                run,
                file,
                title,
                trigger,
                "stable-diffusion-v1",
                "lora",
                16,
                16,
                run.equals("demo") ? List.of(100L, 200L, 300L) : List.of(),
                300L,
                "128x128",
                List.of(new AdapterInfo.Block("down_blocks.0", 12), new AdapterInfo.Block("mid_block", 8)),
                new TreeMap<>(Map.of("CC-BY-SA-4.0", 310, "Apache-2.0", 8)),
                "",
                "",
                "",
                true,
                3_412_000,
                NOW.minusSeconds(90_000));
    }

    @Override
    public DrawDefaults drawDefaults() {
        return new DrawDefaults("base", "30", "7.5", "dpmpp_2m");
    }
}
