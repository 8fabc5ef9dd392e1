package atelier.trainer.optimizer;

import static atelier.common.error.Checks.check;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The group {@code optimizer} of the configuration.
 *
 * @param name the update rule
 * @param lr the learning rate at the schedule's top; 1 for Prodigy
 * @param textEncoderLr the rate of what is trained in the text encoders; null for lr
 * @param weightDecay the share of a parameter that a step of rate 1 takes off; part of the gradient for SGD
 * @param betas decays of the moments' averages; two numbers. Adafactor takes the first, 0 for no momentum
 * @param eps what is added to the root of the second moment
 * @param momentum of SGD and Muon
 * @param nesterov whether SGD and Muon look ahead
 * @param loraPlusRatio what multiplies the rate of up matrices (Hayou et al. 2024, LoRA+); 1 for plain
 * @param emaDecay decay of the parameters' moving average that is sampled and exported; 0 for none
 * @param emaWarmup whether that decay grows from a small one
 * @param adafactor Adafactor's own
 * @param prodigy Prodigy's own
 * @param muon Muon's own
 */
public record OptimizerSettings(
        OptimizerName name,
        double lr,
        @Nullable Double textEncoderLr,
        double weightDecay,
        List<Double> betas,
        double eps,
        double momentum,
        boolean nesterov,
        double loraPlusRatio,
        double emaDecay,
        boolean emaWarmup,
        AdafactorSettings adafactor,
        ProdigySettings prodigy,
        MuonSettings muon) {
    public OptimizerSettings {
        betas = List.copyOf(betas);
        check(lr > 0, "optimizer.lr must be above 0, got %s", lr);
        check(
                textEncoderLr == null || textEncoderLr > 0,
                "optimizer.text_encoder_lr must be above 0 or null, got %s",
                textEncoderLr);
        check(weightDecay >= 0, "optimizer.weight_decay must be at least 0, got %s", weightDecay);
        check(
                betas.size() == 2 && betas.stream().allMatch(beta -> beta >= 0 && beta < 1),
                "optimizer.betas must be two numbers from 0 to below 1, got %s",
                betas);
        check(eps > 0, "optimizer.eps must be above 0, got %s", eps);
        check(momentum >= 0 && momentum < 1, "optimizer.momentum must be from 0 to below 1, got %s", momentum);
        check(loraPlusRatio > 0, "optimizer.lora_plus_ratio must be above 0, got %s", loraPlusRatio);
        check(emaDecay >= 0 && emaDecay < 1, "optimizer.ema_decay must be from 0 to below 1, got %s", emaDecay);
        boolean startsAbove = name != OptimizerName.SCHEDULE_FREE_ADAMW || betas.get(0) > 0;
        check(startsAbove, "optimizer.betas must begin above 0 for schedule_free_adamw, got %s", betas);
        boolean oneRate = name != OptimizerName.PRODIGY || (loraPlusRatio == 1 && textEncoderLr == null);
        check(
                oneRate,
                "optimizer.lora_plus_ratio must be 1 and optimizer.text_encoder_lr null for prodigy, which finds one rate"
                        + " for all, got %s",
                textEncoderLr == null ? loraPlusRatio : textEncoderLr);
    }

    public double beta1() {
        return betas.get(0);
    }

    public double beta2() {
        return betas.get(1);
    }
}
