package atelier.inference.sampler;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.noise.NoiseSchedule;
import atelier.diffusion.noise.PredictionType;
import atelier.inference.sampler.noise.SamplerNoise;
import atelier.inference.sampler.schedule.Prediction;
import atelier.inference.sampler.schedule.SchedulerConfig;
import atelier.inference.sampler.schedule.Steps;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Pseudo numerical methods (Liu et al., 2022): linear multistep over the noise predictions of four steps. It begins with
 * one step asked twice (skip_prk_steps, as Stable Diffusion has it), or with three pseudo Runge-Kutta steps of four calls.
 */
final class PndmSampler implements Sampler {
    private static final int ORDER = 4;

    private final NoiseSchedule schedule;
    private final float finalAlphaBar;
    private final boolean skipRungeKutta;
    private final int stride;
    private final double[] rungeKutta;
    private final double[] timesteps;

    /** Outputs, newest first. */
    private final List<float[]> outputs = new ArrayList<>();

    private int counter;
    private float[] combined = new float[0];
    private float @Nullable [] begun;

    PndmSampler(SchedulerConfig config, int steps) {
        schedule = config.schedule();
        if (schedule.prediction() == PredictionType.SAMPLE) {
            throw new WrongCommandException(
                    "sampler=pndm needs a model that predicts epsilon or v_prediction; take another sampler");
        }
        finalAlphaBar = config.flag("set_alpha_to_one") ? 1 : schedule.alphaBar(0);
        skipRungeKutta = config.flag("skip_prk_steps");
        stride = schedule.length() / steps;
        double[] visited = config.timestepSpacing().timesteps(schedule.length(), steps, config.stepsOffset());
        for (int i = 0; i < visited.length; i++) {
            visited[i] = Math.rint(visited[i]);
        }
        if (!skipRungeKutta && visited.length < ORDER) {
            throw new WrongCommandException(
                    "sampler=pndm with skip_prk_steps=false needs at least " + ORDER + " steps, got " + steps);
        }
        rungeKutta = skipRungeKutta ? new double[0] : rungeKuttaTimesteps(visited, stride / 2);
        timesteps = skipRungeKutta ? secondTwice(visited) : concatenate(rungeKutta, visited);
    }

    @Override
    public int calls() {
        return timesteps.length;
    }

    @Override
    public int callsPerStep() {
        return 1;
    }

    @Override
    public double timestep(int call) {
        return timesteps[call];
    }

    @Override
    public float initialScale() {
        return 1;
    }

    @Override
    public float[] scaleInput(int call, float[] latents) {
        return latents;
    }

    @Override
    public float[] addNoise(int call, float[] clean, float[] noise) {
        return schedule.addNoise(clean, noise, (int) timesteps[call]);
    }

    @Override
    public float[] step(int call, float[] output, float[] latents, SamplerNoise noise) {
        int t = (int) timesteps[call];
        float[] next = counter < rungeKutta.length ? rungeKuttaStep(t, output, latents) : multistep(t, output, latents);
        counter++;
        return next;
    }

    private float[] rungeKuttaStep(int t, float[] output, float[] latents) {
        int target = counter % 2 == 0 ? t - stride / 2 : t;
        int from = (int) rungeKutta[counter / 4 * 4];
        int quarter = counter % 4;
        float[] direction = output;
        if (quarter == 0) {
            combined = Steps.add(new float[output.length], 1 / 6f, output);
            outputs.add(0, output);
            begun = latents;
        } else if (quarter < 3) {
            combined = Steps.add(combined, 1 / 3f, output);
        } else {
            direction = Steps.add(combined, 1 / 6f, output);
        }
        return transfer(begun == null ? latents : begun, from, target, direction);
    }

    private float[] multistep(int t, float[] output, float[] latents) {
        int from = t;
        int target = t - stride;
        float[] x = latents;
        boolean secondTime = counter == 1;
        if (secondTime) {
            target = t;
            from = t + stride;
        } else {
            while (outputs.size() > 3) {
                outputs.remove(outputs.size() - 1);
            }
            outputs.add(0, output);
        }
        float[] direction;
        if (outputs.size() == 1 && secondTime) {
            direction = weighed(2, new float[] {1, 1}, List.of(output, outputs.get(0)));
            x = begun == null ? latents : begun;
            begun = null;
        } else if (outputs.size() == 1) {
            direction = output;
            begun = latents;
        } else if (outputs.size() == 2) {
            direction = weighed(2, new float[] {3, -1}, outputs);
        } else if (outputs.size() == 3) {
            direction = weighed(12, new float[] {23, -16, 5}, outputs);
        } else {
            direction = weighed(24, new float[] {55, -59, 37, -9}, outputs);
        }
        return transfer(x, from, target, direction);
    }

    /** Formula 9 of the paper: the latents at step {@code to} by the noise that was found at step {@code from}. */
    private float[] transfer(float[] x, int from, int to, float[] output) {
        float bar = schedule.alphaBar(from);
        float next = to >= 0 ? schedule.alphaBar(to) : finalAlphaBar;
        float[] noise = Prediction.noise(schedule.prediction(), x, output, Steps.sqrt(bar), Steps.sqrt(1 - bar));
        float keep = Steps.sqrt(next / bar);
        float change = next - bar;
        float denominator = bar * Steps.sqrt(1 - next) + Steps.sqrt(bar * (1 - bar) * next);
        float[] result = new float[x.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = keep * x[i] - change * noise[i] / denominator;
        }
        return result;
    }

    private static float[] weighed(float divisor, float[] weights, List<float[]> outputs) {
        float[] sum = new float[outputs.get(0).length];
        for (int k = 0; k < weights.length; k++) {
            sum = Steps.add(sum, weights[k], outputs.get(k));
        }
        return Steps.divide(sum, divisor);
    }

    /** The second step is asked twice: once to find a direction, once from the step before along it. */
    private static double[] secondTwice(double[] visited) {
        if (visited.length == 1) {
            return new double[] {visited[0]};
        }
        double[] timesteps = new double[visited.length + 1];
        timesteps[0] = visited[0];
        System.arraycopy(visited, 1, timesteps, 1, 1);
        System.arraycopy(visited, 1, timesteps, 2, visited.length - 1);
        return timesteps;
    }

    /** Three steps of four calls: at the beginning, twice in the middle, at the end. */
    private static double[] rungeKuttaTimesteps(double[] visited, int half) {
        double[] points = new double[2 * ORDER - 1];
        for (int i = 0; i < points.length; i++) {
            double base = visited[(i + 1) / 2];
            points[i] = i % 2 == 1 ? base + half : base;
        }
        double[] timesteps = new double[2 * points.length - 2];
        for (int i = 0; i < timesteps.length; i++) {
            timesteps[i] = points[(i + 1) / 2];
        }
        return timesteps;
    }

    private static double[] concatenate(double[] rungeKutta, double[] visited) {
        double[] rest = Arrays.copyOfRange(visited, ORDER - 1, visited.length);
        double[] all = Arrays.copyOf(rungeKutta, rungeKutta.length + rest.length);
        System.arraycopy(rest, 0, all, rungeKutta.length, rest.length);
        return all;
    }
}
