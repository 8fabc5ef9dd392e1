package atelier.trainer.loop;

import static atelier.common.error.Checks.check;

import atelier.diffusion.tensor.Precision;
import java.nio.file.Path;
import java.time.LocalTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The group {@code train} of the configuration.
 *
 * @param steps optimiser steps of the whole run
 * @param saveEvery optimiser steps between two saved states; 0 saves at the end only
 * @param keepStates saved states that are kept, latest first
 * @param keepEvery saved states of steps that are multiples of it are kept too; 0 for none
 * @param sampleEvery optimiser steps between two grids of samples; 0 draws at the end only, null as many as take a tenth of the
 *     run at most
 * @param batchSize pictures in a forward pass
 * @param gradientAccumulation forward passes of each device before the optimiser steps
 * @param devices further devices beside the one that the key device names: each carries a copy of the network and takes its share of a step
 * @param seed what order, noise and timesteps follow from
 * @param maxGradNorm the gradients' global 2-norm is cut to this; 0 cuts nothing
 * @param gradientCheckpointing whether blocks run again going back instead of keeping what they computed
 * @param checkpointedBlocks the blocks that do; empty for all
 * @param lossScale what gradients travel multiplied by in fp16 at first
 * @param lossScaleWindow steps without overflow before it is doubled
 * @param fullFinetune whether the UNet's own weights are trained, all of them, instead of an adapter
 * @param cacheDir folder of latents and text states that are computed once
 * @param cacheDtype what they are computed in; null for what the model computes in, not rounded to integers
 * @param exact whether a GPU computes by kernels that add up in a fixed order
 * @param resumeAnyway whether a resumed run may go on with other data, model or settings than it began with
 * @param stopAt time of day, hours and minutes, at which the run stops as by a signal; null for never
 */
public record TrainSettings(
        int steps,
        int saveEvery,
        int keepStates,
        int keepEvery,
        @Nullable Integer sampleEvery,
        int batchSize,
        int gradientAccumulation,
        List<String> devices,
        long seed,
        double maxGradNorm,
        boolean gradientCheckpointing,
        List<String> checkpointedBlocks,
        double lossScale,
        int lossScaleWindow,
        boolean fullFinetune,
        Path cacheDir,
        @Nullable Precision cacheDtype,
        boolean exact,
        boolean resumeAnyway,
        @Nullable String stopAt) {
    public TrainSettings {
        devices = List.copyOf(devices);
        checkpointedBlocks = List.copyOf(checkpointedBlocks);
        check(steps >= 1, "train.steps must be at least 1, got %s", steps);
        check(saveEvery >= 0, "train.save_every must be at least 0, got %s", saveEvery);
        check(keepStates >= 1, "train.keep_states must be at least 1, got %s", keepStates);
        check(keepEvery >= 0, "train.keep_every must be at least 0, got %s", keepEvery);
        check(
                devices.stream().allMatch(name -> name.matches("cpu|cuda(:\\d{1,3})?")),
                "train.devices must name cpu, cuda or cuda:N, got %s",
                devices);
        check(
                seed >= 0,
                "train.seed must be at least 0, got %s; no random seed is drawn here, because a run must be repeatable:"
                        + " write any number",
                seed);
        check(lossScale >= 1 && lossScale <= 0x1p24, "train.loss_scale must be from 1 to 16777216, got %s", lossScale);
        check(lossScaleWindow >= 1, "train.loss_scale_window must be at least 1, got %s", lossScaleWindow);
        check(sampleEvery == null || sampleEvery >= 0, "train.sample_every must be at least 0, got %s", sampleEvery);
        check(batchSize >= 1, "train.batch_size must be at least 1, got %s", batchSize);
        check(
                gradientAccumulation >= 1,
                "train.gradient_accumulation must be at least 1, got %s",
                gradientAccumulation);
        check(
                stopAt == null || stopAt.matches("([01]?\\d|2[0-3]):[0-5]\\d"),
                "train.stop_at must be a time of day such as \"06:00\", got '%s'",
                stopAt);
        check(maxGradNorm >= 0, "train.max_grad_norm must be at least 0, got %s", maxGradNorm);
    }

    /** The time of day at which the run stops; null for never. */
    public @Nullable LocalTime stopTime() {
        return stopAt == null ? null : LocalTime.parse(stopAt.length() == 4 ? "0" + stopAt : stopAt);
    }

    /** Pictures in an optimiser step, over all passes and devices. */
    public int picturesPerStep() {
        return batchSize * gradientAccumulation * (1 + devices.size());
    }
}
