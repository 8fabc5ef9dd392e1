package atelier.trainer.loop;

import atelier.trainer.state.Checkpointed;
import atelier.trainer.state.StateReader;
import atelier.trainer.state.StateWriter;

/**
 * What the loss's gradients travel multiplied by in fp16, so that small ones do not vanish (Micikevicius et al. 2018). A
 * step whose loss or gradients overflowed is left out and the scale halved; after a run of sound steps it is doubled. Other
 * precisions have the range of fp32: their scale is 1 and stays.
 */
public final class LossScale implements Checkpointed {
    private static final double LARGEST = 0x1p24;

    private final boolean dynamic;
    private final int window;
    private double value;
    private int sound;
    private long skipped;

    /**
     * @param dynamic whether there is a scale: in fp16
     * @param start the first scale
     * @param window sound steps in a row before the scale is doubled
     */
    public LossScale(boolean dynamic, double start, int window) {
        this.dynamic = dynamic;
        this.window = window;
        this.value = dynamic ? start : 1;
    }

    boolean dynamic() {
        return dynamic;
    }

    /** What gradients are multiplied by now. */
    double value() {
        return value;
    }

    /** Steps that were left out so far: they count neither for the optimiser nor for the schedule. */
    long skipped() {
        return skipped;
    }

    /**
     * Takes the norm of a step's gradients, the scale taken out, or its loss where that is not finite already.
     *
     * @return whether the step counts; false when its gradients overflowed and a smaller scale may help
     */
    boolean take(double norm) {
        if (Double.isFinite(norm)) {
            sound++;
            if (dynamic && sound == window) {
                value = Math.min(LARGEST, value * 2);
                sound = 0;
            }
            return true;
        }
        if (!dynamic || value <= 1) {
            return true;
        }
        value = Math.max(1, value / 2);
        sound = 0;
        skipped++;
        return false;
    }

    @Override
    public void save(StateWriter state) {
        state.number("loss_scale.value", value);
        state.number("loss_scale.sound", sound);
        state.number("loss_scale.skipped", (double) skipped);
    }

    @Override
    public void load(StateReader state) {
        value = state.number("loss_scale.value", value);
        sound = (int) state.number("loss_scale.sound", 0);
        skipped = (long) state.number("loss_scale.skipped", 0);
    }
}
