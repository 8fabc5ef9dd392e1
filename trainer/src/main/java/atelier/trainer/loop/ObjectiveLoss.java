package atelier.trainer.loop;

import atelier.trainer.objective.LossTerms;
import atelier.trainer.objective.Objective;
import atelier.trainer.step.StepPlan;
import java.util.Optional;

/** The run's objective as passes take it. */
public record ObjectiveLoss(Objective objective) implements TrainStep.Loss {
    @Override
    public double of(float[] prediction, StepPlan plan, float[] slope) {
        return objective.loss(prediction, plan.target(), plan.timesteps(), plan.weights(), plan.mask(), slope);
    }

    @Override
    public Optional<LossTerms> terms(StepPlan plan) {
        return Optional.of(objective.terms(plan.timesteps(), plan.weights()));
    }
}
