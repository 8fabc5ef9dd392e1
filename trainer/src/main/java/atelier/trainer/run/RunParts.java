package atelier.trainer.run;

import atelier.datasets.batch.BatchSource;
import atelier.datasets.pairs.Finding;
import atelier.datasets.pairs.FindingException;
import atelier.diffusion.model.StableDiffusion;
import atelier.diffusion.tensor.LoadOptions;
import atelier.diffusion.tensor.LoadOptions.Use;
import atelier.diffusion.tensor.Precision;
import atelier.trainer.listen.SamplePlan;
import atelier.trainer.loop.LossScale;
import atelier.trainer.loop.ParameterUpdate;
import atelier.trainer.loop.ParameterUpdate.Regularisation;
import atelier.trainer.loop.TrainSettings;
import atelier.trainer.loop.TrainablePlan;
import atelier.trainer.loop.TrainableWeights;
import atelier.trainer.memory.MemoryUse;
import atelier.trainer.memory.MemoryUse.Checkpointing;
import atelier.trainer.objective.NoiseSampler;
import atelier.trainer.objective.TimestepSampler;
import atelier.trainer.prepare.JudgedPairs;
import atelier.trainer.schedule.LearningRate;
import atelier.trainer.step.ForwardDiffusion;
import java.util.List;
import java.util.function.Consumer;

/** Makes a run's parts, each of the settings that it uses. */
record RunParts(TrainingSettings settings) {
    LoadOptions loadOptions() {
        Use use = settings.train().fullFinetune() ? Use.FULL : Use.ADAPTERS;
        // Every Stable Diffusion's latents have an eighth of a picture's side.
        long side = settings.data().resolution() / 8;
        return new LoadOptions(
                settings.model().dtype(),
                use,
                settings.model().prepack(),
                side * side * settings.train().batchSize());
    }

    void checkpoint(StableDiffusion model) {
        if (settings.train().gradientCheckpointing()) {
            model.unet().checkpointing(settings.train().checkpointedBlocks());
        }
    }

    MemoryUse.Pass pass() {
        TrainSettings train = settings.train();
        Checkpointing some = train.checkpointedBlocks().isEmpty() ? Checkpointing.ALL : Checkpointing.SOME;
        return new MemoryUse.Pass(
                settings.data().resolution(),
                train.batchSize(),
                train.gradientAccumulation(),
                train.gradientCheckpointing() ? some : Checkpointing.NONE,
                settings.model().dtype());
    }

    MemoryUse.Training kept() {
        return new MemoryUse.Training(
                settings.optimizer().name(),
                settings.optimizer().emaDecay() > 0,
                settings.trainsText(),
                settings.train().fullFinetune());
    }

    /** The pictures of the steps, in the order of the seed. */
    BatchSource trainingSource(JudgedPairs pairs, BatchSource.PixelDemand demand, Consumer<Finding> findings)
            throws FindingException {
        return new BatchSource(
                pairs.training(),
                settings.data(),
                settings.train().picturesPerStep(),
                settings.train().seed(),
                demand,
                findings);
    }

    /** The held-out pictures in batches, always the same. */
    BatchSource heldOutSource(JudgedPairs pairs, BatchSource.PixelDemand demand, Consumer<Finding> findings)
            throws FindingException {
        return new BatchSource(
                pairs.heldOut(),
                settings.data().still(),
                settings.train().batchSize(),
                settings.validation().seed(),
                demand,
                findings);
    }

    TrainablePlan trainable() {
        return new TrainablePlan(
                settings.adapter(),
                settings.embedding(),
                settings.optimizer(),
                settings.train().fullFinetune(),
                settings.train().seed());
    }

    ParameterUpdate update(StableDiffusion model, TrainableWeights weights) {
        return new ParameterUpdate(
                model.kernels(),
                weights,
                settings.optimizer(),
                new LearningRate(
                        settings.schedule(),
                        settings.optimizer().lr(),
                        settings.train().steps()),
                regularisation());
    }

    Regularisation regularisation() {
        return new Regularisation(
                settings.adapter().dropouts(),
                settings.adapter().maxNorm(),
                settings.train().seed());
    }

    /** The forward process by the schedule that is trained with: once the model's scheduler is set. */
    ForwardDiffusion forward(StableDiffusion model) {
        return new ForwardDiffusion(
                model.schedule(),
                new NoiseSampler(settings.objective()),
                new TimestepSampler(settings.objective(), model.schedule().length()),
                settings.train().picturesPerStep(),
                model.autoencoderConfig().scalingFactor());
    }

    /** What is drawn when: as asked, or as much as does not hold training up. */
    SamplePlan samples(StableDiffusion model, List<String> prompts) {
        int steps = settings.train().steps();
        double side = (double) model.unetConfig().sampleSize()
                * model.autoencoderConfig().factor()
                / settings.data().resolution();
        double cost = SamplePlan.pictureCost(settings.sample(), settings.train().picturesPerStep(), side * side);
        Integer every = settings.train().sampleEvery();
        return every == null
                ? SamplePlan.within(prompts, Math.max(1, settings.train().saveEvery()), steps, cost)
                : SamplePlan.asked(prompts, every, steps, cost);
    }

    LossScale lossScale() {
        return new LossScale(
                settings.model().dtype() == Precision.FP16,
                settings.train().lossScale(),
                settings.train().lossScaleWindow());
    }
}
