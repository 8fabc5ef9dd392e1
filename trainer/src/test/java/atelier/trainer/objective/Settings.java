package atelier.trainer.objective;

import atelier.diffusion.noise.PredictionType;

/** Objectives for tests: the plain one, with a change. */
public final class Settings {
    LossName loss = LossName.MSE;
    HuberSchedule huber = HuberSchedule.CONSTANT;
    LossWeighting weighting = LossWeighting.NONE;
    double gamma = 5;
    double p2Gamma = 1;
    boolean normalised;
    boolean zeroTerminal;
    double offset;
    int octaves;
    TimestepLaw law = TimestepLaw.UNIFORM;
    int first;
    int end = 1000;
    PredictionType prediction = PredictionType.EPSILON;

    public ObjectiveSettings of() {
        return new ObjectiveSettings(
                prediction,
                zeroTerminal,
                loss,
                0.1,
                1.5,
                huber,
                weighting,
                gamma,
                1,
                p2Gamma,
                false,
                normalised,
                InpaintingMasks.RANDOM,
                0.5,
                offset,
                octaves,
                0.4,
                0.1,
                law,
                first,
                end,
                0,
                1);
    }
}
