package atelier.trainer.optimizer;

import atelier.diffusion.tensor.Kernels;
import java.util.ArrayList;
import java.util.List;

/**
 * Muon (Jordan et al. 2024): momentum made orthogonal by five Newton-Schulz iterations, for matrices only; a convolution
 * counts as a matrix [out, in * k * k]. Iterations are in fp32.
 */
public final class Muon extends MomentumRule {
    private static final int ITERATIONS = 5;

    private final boolean matchesAdamW;

    public Muon(
            Kernels kernels, List<ParameterGroup> groups, double momentum, boolean nesterov, MuonSettings settings) {
        super(kernels, groups, "muon_step", momentum, nesterov);
        this.matchesAdamW = settings.adjust() == MuonSettings.Adjust.MATCH_RMS_ADAMW;
    }

    @Override
    List<Object> more(ParameterGroup group, double rate, long step) {
        List<Object> more = new ArrayList<>(super.more(group, rate, step));
        more.add(ITERATIONS);
        more.add(matchesAdamW);
        return more;
    }
}
