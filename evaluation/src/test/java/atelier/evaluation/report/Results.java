package atelier.evaluation.report;

import atelier.common.image.Pixels;
import atelier.datasets.batch.SettingsFixture;
import atelier.diffusion.model.ModelSettings;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.Precision;
import atelier.evaluation.measure.EvaluatedRun;
import atelier.evaluation.measure.EvaluationResult;
import atelier.evaluation.measure.EvaluationResult.Example;
import atelier.evaluation.measure.EvaluationResult.StyleRow;
import atelier.evaluation.measure.EvaluationSettings;
import atelier.evaluation.measure.Measure;
import atelier.evaluation.measure.Measure.Better;
import atelier.evaluation.metric.Skew;
import atelier.evaluation.metric.StyleCheck;
import atelier.evaluation.statistics.Interval;
import atelier.inference.sampler.schedule.SamplerKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Results made up for tests of what is written from them. */
final class Results {
    private static final int PROMPTS = 20;

    private Results() {}

    static EvaluationSettings settings(List<String> limits) {
        return new EvaluationSettings(
                List.of(0.0, 1.0),
                PROMPTS,
                1,
                0,
                1,
                List.of("picture"),
                1,
                SamplerKind.DDIM,
                20,
                4,
                4,
                null,
                List.of(),
                null,
                null,
                null,
                null,
                0,
                4,
                200,
                0.95,
                List.of(),
                false,
                limits);
    }

    /** A run whose pictures are nearest to its own style with a probability. */
    static EvaluationResult result(String name, double share, List<String> limits) {
        EvaluationSettings settings = settings(limits);
        Random random = new Random(4);
        double[] base = new double[PROMPTS];
        double[] full = new double[PROMPTS];
        Arrays.setAll(base, i -> random.nextDouble() < 0.1 ? 1 : 0);
        Arrays.setAll(full, i -> i < share * PROMPTS ? 1 : 0);
        Measure style = Measure.ofUnits(
                "style.share",
                "nearest to its own style",
                "share <of> pictures",
                Better.HIGHER,
                List.of(0.0, 1.0),
                List.of(base, full),
                new Measure.Resampling(200, 0.95, 1));
        Measure kid = Measure.ofSets(
                "kid",
                "KID",
                "kernel distance",
                Better.LOWER,
                List.of(0.0, 1.0),
                List.of(new Interval(0.3, 0.2, 0.4), new Interval(0.1, 0.05, 0.2)));
        List<String> prompts = new ArrayList<>();
        List<Example> examples = new ArrayList<>();
        for (int i = 0; i < PROMPTS; i++) {
            prompts.add("prompt " + i + " & \"more\"");
            examples.add(new Example(prompts.get(i), grey(10 * i), List.of(grey(0), grey(255)), 1 + i, i - 3.0));
        }
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("generations", PROMPTS + " prompts x 1 seeds");
        facts.put("adapter sha256", "ab12");
        return new EvaluationResult(
                new EvaluatedRun(
                        name,
                        Path.of("checkpoints/demo"),
                        new ModelSettings(
                                Path.of("checkpoints/base"), null, null, null, Precision.FP32, LoadOptions.Prepack.ALL),
                        Path.of("checkpoints/demo/adapter.safetensors"),
                        SettingsFixture.square(8).triggerWord("zigzag").settings(),
                        Map.of("rank", "16")),
                settings,
                facts,
                true,
                prompts,
                List.of(style, kid),
                List.of(
                        new StyleRow("this style", intervals(2, 1), new Interval(0.9, 0.8, 1)),
                        new StyleRow("noto", intervals(1.2, 1.4), new Interval(0.9, 0.8, 1))),
                null,
                List.of(),
                List.of(new Skew.Word("red", 0.2, new Interval(0.5, 0.4, 0.6))),
                examples,
                null,
                Map.of("drawing", 12.5),
                List.of());
    }

    /** The same with a check of real pictures. */
    static EvaluationResult checked(EvaluationResult of, StyleCheck check) {
        return new EvaluationResult(
                of.run(),
                of.settings(),
                of.facts(),
                of.zeroEqualsBase(),
                of.prompts(),
                of.measures(),
                of.styles(),
                check,
                of.baseSkew(),
                of.adaptedSkew(),
                of.examples(),
                of.audit(),
                of.seconds(),
                of.broken());
    }

    private static List<Interval> intervals(double... values) {
        return Arrays.stream(values)
                .mapToObj(value -> new Interval(value, value - 0.1, value + 0.1))
                .toList();
    }

    private static Pixels grey(int level) {
        byte[] rgb = new byte[3 * 8 * 8];
        Arrays.fill(rgb, (byte) level);
        return new Pixels(8, 8, rgb);
    }
}
