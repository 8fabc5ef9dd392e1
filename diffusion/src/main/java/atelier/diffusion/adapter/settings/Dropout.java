package atelier.diffusion.adapter.settings;

import atelier.common.error.WrongCommandException;
import atelier.diffusion.noise.TorchRandom;
import java.util.Locale;

/**
 * What is left out of an adapter while it is trained, each a probability.
 *
 * @param network of an element of the hidden state between the two matrices
 * @param rank of one of the ranks; of a row of the update for methods without a hidden state
 * @param module of a whole layer's update
 */
public record Dropout(double network, double rank, double module) {
    /** Leaves nothing out: for validation and sampling. */
    public static final Dropout NONE = new Dropout(0, 0, 0);

    public Dropout {
        check("adapter.dropout", network);
        check("adapter.rank_dropout", rank);
        check("adapter.module_dropout", module);
    }

    private static void check(String key, double rate) {
        if (!(rate >= 0 && rate < 1)) {
            throw new WrongCommandException(
                    String.format(Locale.ROOT, "%s must be from 0 to below 1, got %s", key, rate));
        }
    }

    public boolean dropsModule(TorchRandom random) {
        return module > 0 && random.uniform(1)[0] < module;
    }

    /** 0 for what is left out, 1 / (1 - rate) for the rest. */
    public float[] rankMask(int size, TorchRandom random) {
        float[] mask = random.uniform(size);
        for (int i = 0; i < size; i++) {
            mask[i] = mask[i] < rank ? 0 : (float) (1 / (1 - rank));
        }
        return mask;
    }
}
