package atelier.trainer.optimizer.rule;

import atelier.diffusion.tensor.Kernels;
import atelier.trainer.optimizer.ParameterGroup;
import java.util.List;

/** AdamW (Loshchilov and Hutter 2019), as torch.optim.AdamW computes it. */
public final class AdamW extends AdamRule {
    public AdamW(Kernels kernels, List<ParameterGroup> groups, double beta1, double beta2, double eps) {
        super(
                kernels,
                groups,
                "adamw_step",
                new Decays(beta1, beta2, eps),
                Moment.zeros("exp_avg"),
                Moment.zeros("exp_avg_sq"));
    }
}
